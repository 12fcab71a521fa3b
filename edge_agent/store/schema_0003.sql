-- Version 3: products with the heads of their codes, and what is packed in what.

CREATE TABLE product (
    id       TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    spec     TEXT NOT NULL,
    pack     TEXT NOT NULL,
    maker    TEXT NOT NULL,
    approval TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What a code begins with tells product and level (domain.products); nothing else does.
CREATE TABLE product_prefix (
    scheme  TEXT    NOT NULL, -- domain.products.Scheme
    head    TEXT    NOT NULL,
    product TEXT    NOT NULL REFERENCES product (id),
    level   INTEGER NOT NULL, -- from the bottom, 1 is the smallest pack; 0 if the source is silent
    ratio   TEXT    NOT NULL, -- as the source gave it
    PRIMARY KEY (scheme, head)
) STRICT, WITHOUT ROWID;

-- Every statement and every order about packs, in the order taken. The present state follows from
-- these rows alone; the act holds their digest (store.sayings).
CREATE TABLE pack_saying (
    number   INTEGER PRIMARY KEY,
    act      INTEGER NOT NULL,
    verb     INTEGER NOT NULL, -- sayings.BIND …
    source   INTEGER NOT NULL, -- domain.packs.SOURCES
    parent   BLOB    NOT NULL, -- for REPLACE the old code
    level    INTEGER NOT NULL,
    lot      INTEGER NOT NULL,
    shape    INTEGER,
    children BLOB    NOT NULL  -- store.keylist; for REPLACE the new code
) STRICT;

CREATE INDEX pack_saying_parent ON pack_saying (parent);
CREATE INDEX pack_saying_act ON pack_saying (act);

CREATE TRIGGER pack_saying_is_not_changed BEFORE UPDATE ON pack_saying
BEGIN
    SELECT raise(ABORT, 'statements about packs are append-only');
END;

CREATE TRIGGER pack_saying_is_not_shortened BEFORE DELETE ON pack_saying
BEGIN
    SELECT raise(ABORT, 'statements about packs are append-only');
END;

-- Every unit that holds others, or that a source gave a level above the smallest. Beside each thing
-- known stands the rank of who said it, 0 for nobody.
CREATE TABLE pack (
    key      BLOB    PRIMARY KEY,
    n        INTEGER NOT NULL, -- smallest packs in it, as far as is known
    level    INTEGER NOT NULL,
    level_by INTEGER NOT NULL, -- domain.packs.SOURCES, or TABLE
    lot      INTEGER NOT NULL,
    lot_by   INTEGER NOT NULL,
    shape    INTEGER NOT NULL, -- domain.packs.SHAPES
    shape_by INTEGER NOT NULL,
    said     INTEGER NOT NULL, -- the saying that lists what it holds
    children BLOB              -- what it holds, where that is no longer as said
) STRICT, WITHOUT ROWID;

-- A recall asks by lot.
CREATE INDEX pack_lot ON pack (lot) WHERE lot > 0;

-- In which pack a unit is. Once for each unit, never for an event.
CREATE TABLE link (
    child  BLOB    PRIMARY KEY,
    parent BLOB    NOT NULL,
    source INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was wrong. A row with a source is a claim that lost and still stands: it holds as soon as
-- nothing of a higher rank is against it.
CREATE TABLE pack_problem (
    key    BLOB    NOT NULL,
    other  BLOB    NOT NULL,
    kind   TEXT    NOT NULL, -- domain.packs.PROBLEMS
    detail TEXT    NOT NULL,
    act    INTEGER NOT NULL, -- that brought it up
    source INTEGER NOT NULL, -- 0: no claim, or it stands no longer
    PRIMARY KEY (key, other, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX pack_problem_claim ON pack_problem (key) WHERE source > 0;
CREATE INDEX pack_problem_claimed ON pack_problem (other) WHERE source > 0;

-- Taken out by hand: no paper can put it back, only a hand.
CREATE TABLE parted (
    child  BLOB    NOT NULL,
    parent BLOB    NOT NULL,
    act    INTEGER NOT NULL,
    PRIMARY KEY (child, parent)
) STRICT, WITHOUT ROWID;

CREATE INDEX parted_parent ON parted (parent);

-- Codes that were replaced. Whoever says the old one means the new one.
CREATE TABLE replaced (
    old BLOB    PRIMARY KEY,
    new BLOB    NOT NULL UNIQUE,
    act INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
