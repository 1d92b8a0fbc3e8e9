-- The vault's metadata. It holds opaque ids (hexadecimal text), times (microseconds), digests (hexadecimal text),
-- signed documents as they were sent, and ciphertext. No household-chosen word is ever in here in clear.
-- Only what both SQLite and PostgreSQL understand is used: see the notes at `store::Db`.

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- The one hub that waits to be claimed.
CREATE TABLE pairing (
    slot         INTEGER PRIMARY KEY CHECK (slot = 1),
    token_hash   TEXT NOT NULL,
    expires_us   INTEGER NOT NULL,
    introduction TEXT NOT NULL
) STRICT;

CREATE TABLE household (
    household  TEXT PRIMARY KEY,
    made_us    INTEGER NOT NULL,
    used_bytes INTEGER NOT NULL,
    recordings INTEGER NOT NULL
) STRICT;

-- A claim that its hub has not taken yet.
CREATE TABLE claim_delivery (
    household TEXT PRIMARY KEY,
    roster    TEXT NOT NULL,
    mac       BLOB NOT NULL
) STRICT;

CREATE TABLE account (
    handle        TEXT PRIMARY KEY,
    household     TEXT NOT NULL,
    member        TEXT NOT NULL,
    opaque_record BLOB NOT NULL,
    ksf_preset    INTEGER NOT NULL,
    kit_key       BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX account_member ON account (household, member);

-- A member secret under one way in.
CREATE TABLE wrapped_secret (
    household  TEXT NOT NULL,
    member     TEXT NOT NULL,
    way        TEXT NOT NULL,
    nonce      BLOB NOT NULL,
    ciphertext BLOB NOT NULL,
    made_us    INTEGER NOT NULL,
    PRIMARY KEY (household, member, way)
) STRICT;

CREATE TABLE session (
    token_hash TEXT PRIMARY KEY,
    session    TEXT NOT NULL,
    household  TEXT NOT NULL,
    member     TEXT NOT NULL,
    client     TEXT NOT NULL,
    started_us INTEGER NOT NULL,
    used_us    INTEGER NOT NULL
) STRICT;
CREATE INDEX session_member ON session (household, member);

CREATE TABLE throttle (
    bucket     TEXT PRIMARY KEY,
    failures   INTEGER NOT NULL,
    blocked_us INTEGER NOT NULL,
    changed_us INTEGER NOT NULL
) STRICT;

CREATE TABLE roster (
    household TEXT NOT NULL,
    version   INTEGER NOT NULL,
    digest    TEXT NOT NULL,
    envelope  TEXT NOT NULL,
    PRIMARY KEY (household, version)
) STRICT;

CREATE TABLE key_wrap (
    household TEXT NOT NULL,
    scope     TEXT NOT NULL,
    epoch     INTEGER NOT NULL,
    member    TEXT NOT NULL,
    wrapped   BLOB NOT NULL,
    PRIMARY KEY (household, member, scope, epoch)
) STRICT;

CREATE TABLE hub_session (
    token_hash TEXT PRIMARY KEY,
    household  TEXT NOT NULL,
    hub        TEXT NOT NULL,
    expires_us INTEGER NOT NULL
) STRICT;

CREATE TABLE seen_nonce (
    nonce    TEXT PRIMARY KEY,
    until_us INTEGER NOT NULL
) STRICT;
CREATE INDEX seen_nonce_until ON seen_nonce (until_us);

-- Where each device's chain ends.
CREATE TABLE chain (
    household  TEXT NOT NULL,
    device     TEXT NOT NULL,
    next_index INTEGER NOT NULL,
    digest     TEXT,
    PRIMARY KEY (household, device)
) STRICT;

-- The chain itself. `state`: kept, erased (`command` says by whose wish), expired.
CREATE TABLE link (
    household     TEXT NOT NULL,
    device        TEXT NOT NULL,
    idx           INTEGER NOT NULL,
    digest        TEXT NOT NULL,
    payload       BLOB NOT NULL,
    keyid         TEXT NOT NULL,
    signature     BLOB NOT NULL,
    room          TEXT NOT NULL,
    recording     TEXT,
    class         TEXT,
    start_us      INTEGER NOT NULL,
    end_us        INTEGER NOT NULL,
    keep_until_us INTEGER,
    state         TEXT NOT NULL,
    command       TEXT,
    leaf          INTEGER,
    body_bytes    INTEGER NOT NULL,
    PRIMARY KEY (household, device, idx)
) STRICT;
CREATE UNIQUE INDEX link_recording ON link (household, recording);
-- Two recordings on one leaf would mean that erasing one destroys the other.
CREATE UNIQUE INDEX link_leaf ON link (household, leaf);
CREATE INDEX link_time ON link (household, device, end_us, idx);
CREATE INDEX link_oldest ON link (household, state, start_us);
CREATE INDEX link_expiry ON link (state, keep_until_us);

-- Lifetimes that were shortened and have not reached everything that is stored yet; `cursor_us` says how far they are.
CREATE TABLE shortening (
    household   TEXT NOT NULL,
    room        TEXT NOT NULL,
    class       TEXT NOT NULL,
    lifetime_us INTEGER NOT NULL,
    cursor_us   INTEGER NOT NULL,
    PRIMARY KEY (household, room, class)
) STRICT;

-- The sealed parts of a kept recording. `header` is the age header, sealed once more under the recording's leaf secret.
CREATE TABLE part (
    household   TEXT NOT NULL,
    recording   TEXT NOT NULL,
    part        TEXT NOT NULL,
    header      BLOB NOT NULL,
    body_bytes  INTEGER NOT NULL,
    PRIMARY KEY (household, recording, part)
) STRICT;

-- Bodies that arrived before their link.
CREATE TABLE pending_body (
    household TEXT NOT NULL,
    recording TEXT NOT NULL,
    part      TEXT NOT NULL,
    digest    TEXT NOT NULL,
    bytes     INTEGER NOT NULL,
    made_us   INTEGER NOT NULL,
    PRIMARY KEY (household, recording, part)
) STRICT;
CREATE INDEX pending_body_made ON pending_body (made_us);

-- Bodies whose keys are destroyed and whose bytes are still to be removed.
CREATE TABLE doomed_body (
    household TEXT NOT NULL,
    recording TEXT NOT NULL,
    part      TEXT NOT NULL,
    command   TEXT,
    PRIMARY KEY (household, recording, part)
) STRICT;

CREATE TABLE command (
    household      TEXT NOT NULL,
    command        TEXT NOT NULL,
    envelope       TEXT NOT NULL,
    outcome        TEXT,
    keys_destroyed INTEGER NOT NULL,
    bytes_gone     INTEGER NOT NULL,
    made_us        INTEGER NOT NULL,
    PRIMARY KEY (household, command)
) STRICT;

-- The key tree: one per household. The key of the root node is not in here but in the root files.
CREATE TABLE key_tree (
    household TEXT PRIMARY KEY,
    epoch     INTEGER NOT NULL,
    next_leaf INTEGER NOT NULL
) STRICT;

CREATE TABLE key_node (
    household TEXT NOT NULL,
    level     INTEGER NOT NULL,
    idx       INTEGER NOT NULL,
    sealed    BLOB NOT NULL,
    PRIMARY KEY (household, level, idx)
) STRICT;
