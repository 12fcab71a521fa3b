-- Version 7: goods that may not move, recalls, and packs that may have been paid for before.

-- What may not move: a unit, a lot or a product. Rows stay; what is over says which act ended it.
CREATE TABLE hold (
    id       INTEGER PRIMARY KEY,
    scope    INTEGER NOT NULL, -- domain.holds.UNIT, LOT, PRODUCT
    what     BLOB    NOT NULL, -- key of the unit; id of the lot, or of the product, as text
    reason   INTEGER NOT NULL, -- protocol.reasons: RECALLED, REFLUX_SUSPECT, SEALED …
    placed   INTEGER NOT NULL, -- number of the act
    released INTEGER           -- number of the act; NULL while it is in force
) STRICT;

CREATE UNIQUE INDEX hold_in_force ON hold (scope, what, reason) WHERE released IS NULL;
-- The writer asks for the newest of both after every order.
CREATE INDEX hold_placed ON hold (placed);
CREATE INDEX hold_released ON hold (released);

-- A recall by lot, or by a list of codes. What it calls back is held until it is over.
CREATE TABLE recall (
    id      INTEGER PRIMARY KEY,
    number  TEXT    NOT NULL UNIQUE, -- of whoever calls back: the holder, or the administration
    level   INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3), -- 1 is the gravest
    opened  INTEGER NOT NULL, -- number of the act
    closed  INTEGER           -- number of the act; NULL while it is on
) STRICT;

-- What a recall calls back, by the holds that it placed.
CREATE TABLE recall_hold (
    recall INTEGER NOT NULL REFERENCES recall (id),
    hold   INTEGER NOT NULL REFERENCES hold (id),
    PRIMARY KEY (recall, hold)
) STRICT, WITHOUT ROWID;

-- A pack suspected to come back from a patient, step by step; each step is an act.
CREATE TABLE reflux (
    key     BLOB    PRIMARY KEY,
    step    INTEGER NOT NULL, -- domain.reflux.SUSPECTED …
    opened  INTEGER NOT NULL, -- number of the act
    last    INTEGER NOT NULL, -- number of the act of the present step
    clue    TEXT    NOT NULL  -- the number that the bureau gave it; empty before
) STRICT, WITHOUT ROWID;

-- Which lot a unit's own label prints, for units that no document or pack says it of.
CREATE TABLE printed (
    lot INTEGER NOT NULL, -- id
    key BLOB    NOT NULL,
    PRIMARY KEY (lot, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX printed_key ON printed (key);

-- Every record that speaks of a unit beside the one it first passed with (code.number): re-reads,
-- refusals, later bookings. With it the life of a code is found without walking the ledger.
CREATE TABLE met (
    key    BLOB    NOT NULL,
    number INTEGER NOT NULL, -- of the record
    PRIMARY KEY (key, number)
) STRICT, WITHOUT ROWID;

-- A recall asks documents by lot.
CREATE INDEX document_line_lot ON document_line (lot) WHERE lot > 0;
