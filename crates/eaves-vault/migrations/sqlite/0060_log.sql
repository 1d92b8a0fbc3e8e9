-- The tamper-evident log, docs/design/log.md. Entries are written with the act they tell of, in its transaction; tiles
-- and checkpoint are files.
CREATE TABLE log_state (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    origin TEXT NOT NULL,
    -- Entries that are written. The checkpoint may cover fewer, and never more.
    size   INTEGER NOT NULL
) STRICT;

-- Where each household's chain stands.
CREATE TABLE log_head (
    household     TEXT PRIMARY KEY,
    next_sequence INTEGER NOT NULL,
    last          BLOB NOT NULL,
    at_us         INTEGER NOT NULL
) STRICT;

-- An entry, and what opens it. The entry stays; the rest is forgotten: details first, with the household everything.
CREATE TABLE log_entry (
    position      INTEGER PRIMARY KEY,
    entry         BLOB NOT NULL,
    household     TEXT,
    sequence      INTEGER,
    nonce         BLOB,
    line          BLOB,
    details_nonce BLOB,
    details       BLOB
) STRICT;
CREATE UNIQUE INDEX log_entry_by_household ON log_entry (household, sequence);
