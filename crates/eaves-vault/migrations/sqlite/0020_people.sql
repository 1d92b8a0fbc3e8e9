-- Letting people in, and a second hub.

-- Invitations that are open, or answered and not confirmed yet. Of the secret in the link only the token's SHA-256 is here.
CREATE TABLE invite (
    household          TEXT NOT NULL,
    invite             TEXT NOT NULL,
    inviter            TEXT NOT NULL,
    token_hash         TEXT NOT NULL,
    made_us            INTEGER NOT NULL,
    expires_us         INTEGER NOT NULL,
    welcome_nonce      BLOB NOT NULL,
    welcome_ciphertext BLOB NOT NULL,
    kept_nonce         BLOB NOT NULL,
    kept_ciphertext    BLOB NOT NULL,
    tries              INTEGER NOT NULL,
    newcomer           TEXT,
    answer             TEXT,
    asked_us           INTEGER,
    PRIMARY KEY (household, invite)
) STRICT;
CREATE UNIQUE INDEX invite_token ON invite (token_hash);
CREATE INDEX invite_newcomer ON invite (household, newcomer);
CREATE INDEX invite_end ON invite (expires_us);

-- The roster that a newcomer pinned, sealed to themselves.
CREATE TABLE anchor (
    household  TEXT NOT NULL,
    member     TEXT NOT NULL,
    nonce      BLOB NOT NULL,
    ciphertext BLOB NOT NULL,
    PRIMARY KEY (household, member)
) STRICT;

-- Rosters that hubs wait for: each with the proof that its owner typed the hub's code.
CREATE TABLE hub_delivery (
    household TEXT NOT NULL,
    hub       TEXT NOT NULL,
    roster    TEXT NOT NULL,
    mac       BLOB NOT NULL,
    PRIMARY KEY (household, hub)
) STRICT;
DROP TABLE claim_delivery;
