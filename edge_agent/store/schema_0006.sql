-- Version 6: what became of a unit, and what a platform says of it.

-- domain.states. 0 in all three: it was read and passed, and no document spoke of it yet.
ALTER TABLE code ADD COLUMN state    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE code ADD COLUMN document INTEGER NOT NULL DEFAULT 0; -- the one that gave the state
ALTER TABLE code ADD COLUMN booked   INTEGER NOT NULL DEFAULT 0; -- the record that gave the state

-- What a platform last said of a unit. NULL is not known, and not known is not clean.
CREATE TABLE platform_fact (
    key        BLOB    PRIMARY KEY,
    active     INTEGER, -- 1: the code is activated; 0: it is not, or does not exist
    cancelled  INTEGER, -- 1: it was taken back
    reflux     INTEGER, -- domain.reflux: CLEAN, SUSPECT; UNKNOWN is NULL
    owner      TEXT,    -- whose the platform says it is, in the platform's own word
    checked_ms INTEGER NOT NULL, -- UTC, milliseconds since 1970
    source     TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- What is being packed at a station: a CBOR array of keys, the pack (empty before its code is read)
-- and what it holds so far.
CREATE TABLE session (
    device TEXT PRIMARY KEY,
    keys   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
