-- Browsers that somebody signed in with before. Of the secret in their cookie only the SHA-256 is here.
CREATE TABLE known_device (
    device      TEXT PRIMARY KEY,
    household   TEXT NOT NULL,
    member      TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    client      TEXT NOT NULL,
    made_us     INTEGER NOT NULL,
    used_us     INTEGER NOT NULL
) STRICT;
CREATE INDEX known_device_member ON known_device (household, member);

-- The known device that a session began on.
ALTER TABLE session ADD COLUMN device TEXT;

-- What was sealed by the app is sealed once more under the vault key, which is not in the database. `nonce` and
-- `ciphertext` hold what an older version wrote, until the store is opened and seals it.
CREATE TABLE wrapped_secret_sealed (
    household  TEXT NOT NULL,
    member     TEXT NOT NULL,
    way        TEXT NOT NULL,
    sealed     BLOB,
    nonce      BLOB,
    ciphertext BLOB,
    made_us    INTEGER NOT NULL,
    PRIMARY KEY (household, member, way)
) STRICT;
INSERT INTO wrapped_secret_sealed (household, member, way, nonce, ciphertext, made_us)
    SELECT household, member, way, nonce, ciphertext, made_us FROM wrapped_secret;
DROP TABLE wrapped_secret;
ALTER TABLE wrapped_secret_sealed RENAME TO wrapped_secret;

-- When a counter may be dropped; 0 for those that were there before.
ALTER TABLE throttle ADD COLUMN keep_until_us INTEGER NOT NULL DEFAULT 0;
CREATE INDEX throttle_keep ON throttle (keep_until_us);
