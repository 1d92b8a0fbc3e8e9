-- More ways in, second steps, recovery, notices. What is secret in here is sealed under the vault key: see `store::sign_ins`.

-- Passkeys. `public_half` is the library's record of the public key and its counter; `label` is sealed by the app to the
-- member; `wrapped` is the member secret under the passkey's PRF output, sealed once more.
CREATE TABLE passkey (
    credential  TEXT PRIMARY KEY,
    household   TEXT NOT NULL,
    member      TEXT NOT NULL,
    public_half BLOB NOT NULL,
    kind        TEXT NOT NULL,
    synced      INTEGER NOT NULL CHECK (synced IN (0, 1)),
    label       BLOB,
    wrapped     BLOB,
    made_us     INTEGER NOT NULL,
    used_us     INTEGER
) STRICT;
CREATE INDEX passkey_member ON passkey (household, member);

-- Authenticator apps. `state`: `on`, or `new` until the app has shown that it has the secret. Each time step is good once.
CREATE TABLE totp (
    household TEXT NOT NULL,
    member    TEXT NOT NULL,
    state     TEXT NOT NULL,
    secret    BLOB NOT NULL,
    last_step INTEGER NOT NULL,
    PRIMARY KEY (household, member, state)
) STRICT;

-- Recovery codes that were not used yet; of each only the SHA-256 is here.
CREATE TABLE recovery_code (
    household TEXT NOT NULL,
    member    TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    PRIMARY KEY (household, member, code_hash)
) STRICT;

-- Recoveries with nothing but the kit, which wait.
CREATE TABLE recovery (
    household TEXT NOT NULL,
    member    TEXT NOT NULL,
    until_us  INTEGER NOT NULL,
    PRIMARY KEY (household, member)
) STRICT;

-- What every device says. `to_member` is nothing when it is for all adults. There is no way to remove one but age.
CREATE TABLE notice (
    household TEXT NOT NULL,
    notice    INTEGER NOT NULL,
    to_member TEXT,
    kind      TEXT NOT NULL,
    at_us     INTEGER NOT NULL,
    member    TEXT,
    session   TEXT,
    client    TEXT,
    network   TEXT,
    until_us  INTEGER,
    PRIMARY KEY (household, notice)
) STRICT;
CREATE INDEX notice_age ON notice (at_us);

-- When a session last showed a fresh proof, since when one from a recovery may do what needs it, and from which network it
-- began (a keyed digest).
ALTER TABLE session ADD COLUMN strong_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN powers_from_us INTEGER;
ALTER TABLE session ADD COLUMN network TEXT;
