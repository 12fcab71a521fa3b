-- Version 2: what people and files did, and whom goods were handed to.

-- One row for each act of a person or a file: an import, a close, a hold. Numbered through from 1.
CREATE TABLE act (
    number INTEGER PRIMARY KEY,
    at_ms  INTEGER NOT NULL, -- UTC, milliseconds since 1970
    record INTEGER NOT NULL, -- the last record of the ledger when it was filed, 0 before the first
    who    TEXT    NOT NULL,
    what   TEXT    NOT NULL, -- a dotted word, such as document.import
    body   TEXT    NOT NULL, -- a JSON object; nothing of a person stands in it in clear
    chain  BLOB    NOT NULL CHECK (length(chain) = 32)  -- acts.link() of this row and the last
) STRICT;

CREATE INDEX act_what ON act (what);

CREATE TRIGGER act_is_gapless BEFORE INSERT ON act
WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM act)
BEGIN
    SELECT raise(ABORT, 'acts are numbered through');
END;

CREATE TRIGGER act_is_not_changed BEFORE UPDATE ON act
BEGIN
    SELECT raise(ABORT, 'acts are append-only');
END;

CREATE TRIGGER act_is_not_shortened BEFORE DELETE ON act
BEGIN
    SELECT raise(ABORT, 'acts are append-only');
END;

-- Persons to whom goods were handed. What is known of one stands sealed in acts; here is the only
-- key to it. Deleting the row erases the person, and changes no act.
CREATE TABLE person (
    id       BLOB PRIMARY KEY, -- 16 octets, random
    lookup   BLOB NOT NULL UNIQUE, -- keyed hash of type and number of the identity document
    data_key BLOB NOT NULL -- sealed with a key that is not in the store
) STRICT, WITHOUT ROWID;

-- Which units were handed to whom. Outlives an erased person: what remains then is a random number.
CREATE TABLE handed (
    key    BLOB    NOT NULL, -- of the unit
    act    INTEGER NOT NULL, -- in which the person's data stand sealed
    person BLOB    NOT NULL,
    PRIMARY KEY (key, act)
) STRICT, WITHOUT ROWID;

CREATE INDEX handed_person ON handed (person);
