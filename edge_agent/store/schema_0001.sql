-- Version 1. A later version is a further file; this one is never edited.

-- Facts about the store itself. store_id: 16 random octets, drawn when the file was made.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- One power-up of one cradle, and the high-water mark: everything below next_seq is booked.
CREATE TABLE boot (
    id       INTEGER PRIMARY KEY,
    device   TEXT    NOT NULL,
    boot_id  BLOB    NOT NULL, -- 8 octets, random
    next_seq INTEGER NOT NULL,
    UNIQUE (device, boot_id)
) STRICT;

-- Every unit that passed. key: protocol.codes, octets that keep the order of the codes, so that
-- neighbours in production are neighbours on disk.
CREATE TABLE code (
    key    BLOB    PRIMARY KEY,
    number INTEGER NOT NULL, -- the record it first passed with
    boot   INTEGER NOT NULL, -- who read it last, whatever came of it
    at_ms  INTEGER NOT NULL  -- and when, milliseconds since that boot
) STRICT, WITHOUT ROWID;

-- What was read, in the order booked, one row for each batch. Records are numbered through from 1:
-- a row is named by the number of its first record, the next row by that plus n.
CREATE TABLE ledger (
    number     INTEGER PRIMARY KEY,
    boot       INTEGER NOT NULL,
    seq        INTEGER NOT NULL, -- of the first record booked, in its boot
    skip       INTEGER NOT NULL, -- records of body before it, booked earlier by another row
    n          INTEGER NOT NULL CHECK (n > 0),
    arrived_ms INTEGER NOT NULL, -- UTC, milliseconds since 1970
    body       BLOB    NOT NULL, -- the batch as it arrived: the evidence
    rulings    BLOB    NOT NULL CHECK (length(rulings) = 2 * n), -- decision, reason, for each
    chain      BLOB    NOT NULL CHECK (length(chain) = 32)  -- ledger.link() of this row and the last
) STRICT;

-- A cradle asks again by (boot, seq).
CREATE INDEX ledger_seq ON ledger (boot, seq);

CREATE TRIGGER ledger_is_gapless BEFORE INSERT ON ledger
WHEN NEW.number IS NOT (
    SELECT coalesce((SELECT number + n FROM ledger ORDER BY number DESC LIMIT 1), 1)
)
BEGIN
    SELECT raise(ABORT, 'the ledger is numbered through');
END;

CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger
BEGIN
    SELECT raise(ABORT, 'the ledger is append-only');
END;

CREATE TRIGGER ledger_is_not_shortened BEFORE DELETE ON ledger
BEGIN
    SELECT raise(ABORT, 'the ledger is append-only');
END;

-- Messages that could not be booked, whole, with protocol.reasons and the place.
CREATE TABLE quarantine (
    id      INTEGER PRIMARY KEY,
    at_ms   INTEGER NOT NULL, -- UTC, milliseconds since 1970
    topic   TEXT    NOT NULL,
    payload BLOB    NOT NULL,
    reason  INTEGER NOT NULL,
    place   INTEGER NOT NULL
) STRICT;

CREATE TRIGGER quarantine_is_not_shortened BEFORE DELETE ON quarantine
BEGIN
    SELECT raise(ABORT, 'nothing is lost from quarantine');
END;

-- The outbox is a cursor: records below next_number are in a parcel.
CREATE TABLE receiver (
    name        TEXT PRIMARY KEY,
    next_number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A range of records, frozen before the first try, so that its name is the same at every try.
CREATE TABLE parcel (
    receiver TEXT    NOT NULL REFERENCES receiver (name),
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    state    INTEGER NOT NULL, -- outbox.RESERVED …
    attempts INTEGER NOT NULL,
    due_ms   INTEGER NOT NULL, -- UTC, milliseconds since 1970; not to be tried before
    answer   TEXT    NOT NULL, -- the receiver's reference, or its last complaint
    PRIMARY KEY (receiver, first)
) STRICT, WITHOUT ROWID;

-- At most one parcel of a receiver is open: that keeps the order.
CREATE UNIQUE INDEX parcel_open ON parcel (receiver) WHERE state IN (1, 2, 3);
CREATE INDEX parcel_refused ON parcel (receiver) WHERE state = 4;
