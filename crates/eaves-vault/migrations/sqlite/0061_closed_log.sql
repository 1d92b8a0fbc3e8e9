-- What a restored backup has of the log that went on without it: read, never written on.
CREATE TABLE closed_log_entry (
    origin        TEXT NOT NULL,
    position      INTEGER NOT NULL,
    entry         BLOB NOT NULL,
    household     TEXT,
    sequence      INTEGER,
    nonce         BLOB,
    line          BLOB,
    details_nonce BLOB,
    details       BLOB,
    PRIMARY KEY (origin, position)
) STRICT;
CREATE INDEX closed_log_entry_household ON closed_log_entry (household);
