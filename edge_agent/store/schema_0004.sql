-- Version 4: lots, documents, what they expect, what was counted, what was wrong.

-- One production lot of one product. Dates are YYYY-MM-DD, or empty while nobody knows. Two rows
-- of one product and lot are there only if sources say different dates.
CREATE TABLE lot (
    id      INTEGER PRIMARY KEY,
    product TEXT NOT NULL,
    lot     TEXT NOT NULL,
    made    TEXT NOT NULL,
    expiry  TEXT NOT NULL,
    UNIQUE (product, lot, made, expiry)
) STRICT;

CREATE INDEX lot_lot ON lot (lot);

CREATE TABLE document (
    id       INTEGER PRIMARY KEY,
    number   TEXT    NOT NULL UNIQUE,
    type     TEXT    NOT NULL, -- domain.documents.TYPES
    partner  TEXT    NOT NULL,
    owner    TEXT    NOT NULL,
    operator TEXT    NOT NULL,
    state    INTEGER NOT NULL, -- domain.documents.STATES
    mode     INTEGER NOT NULL, -- domain.documents.BY_CODES …
    at_ms    INTEGER NOT NULL, -- date of the document; UTC, milliseconds since 1970
    ordered  TEXT    NOT NULL, -- number of the order it answers
    person   TEXT    NOT NULL, -- the host's word for the person; never a name or a number of his
    waybill  TEXT    NOT NULL
) STRICT;

CREATE INDEX document_live ON document (state) WHERE state IN (1, 2);

-- Quantities in smallest packs. What is counted for no line at all stands in line 0.
CREATE TABLE document_line (
    document INTEGER NOT NULL REFERENCES document (id),
    line     INTEGER NOT NULL,
    product  TEXT    NOT NULL,
    lot      INTEGER NOT NULL, -- id; 0 if it names none
    quantity INTEGER NOT NULL,
    counted  INTEGER NOT NULL,
    PRIMARY KEY (document, line)
) STRICT, WITHOUT ROWID;

-- Codes that documents expect, each once: what hangs below a pack is expected by the tree.
CREATE TABLE expected (
    key      BLOB    NOT NULL,
    document INTEGER NOT NULL REFERENCES document (id),
    line     INTEGER NOT NULL,
    level    INTEGER NOT NULL, -- from the bottom, 1 is the smallest pack; 0 if nobody says
    quantity INTEGER NOT NULL, -- smallest packs in it
    PRIMARY KEY (key, document)
) STRICT, WITHOUT ROWID;

CREATE INDEX expected_document ON expected (document);

-- What was counted, by which record of the ledger.
CREATE TABLE counted (
    document INTEGER NOT NULL REFERENCES document (id),
    key      BLOB    NOT NULL,
    number   INTEGER NOT NULL,
    line     INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    PRIMARY KEY (document, key)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER counted_is_not_changed BEFORE UPDATE ON counted
BEGIN
    SELECT raise(ABORT, 'what was counted is append-only');
END;

CREATE TRIGGER counted_is_not_shortened BEFORE DELETE ON counted
BEGIN
    SELECT raise(ABORT, 'what was counted is append-only');
END;

-- Packs of which something inside was counted, so that nobody counts the pack as well.
CREATE TABLE touched (
    document INTEGER NOT NULL REFERENCES document (id),
    key      BLOB    NOT NULL,
    PRIMARY KEY (document, key)
) STRICT, WITHOUT ROWID;

-- Which document is open at which station.
CREATE TABLE bound (
    device   TEXT    PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES document (id)
) STRICT, WITHOUT ROWID;

-- What was wrong. How it was settled stands in the act; a correction is a newer act.
CREATE TABLE finding (
    id        INTEGER PRIMARY KEY,
    document  INTEGER NOT NULL, -- 0 if it belongs to none
    kind      TEXT    NOT NULL, -- domain.findings.KINDS
    key       BLOB    NOT NULL, -- of the unit; empty if none is meant
    line      INTEGER NOT NULL,
    opened_ms INTEGER NOT NULL, -- UTC, milliseconds since 1970
    detail    TEXT    NOT NULL,
    settled   INTEGER,          -- number of the newest act that settled it; NULL while it is open
    outcome   INTEGER NOT NULL DEFAULT 0 -- store.findings: OPEN, TAKEN, AWAY, GONE
) STRICT;

CREATE UNIQUE INDEX finding_open ON finding (document, kind, key, line) WHERE settled IS NULL;
CREATE INDEX finding_key ON finding (key, document) WHERE key <> x'';
CREATE INDEX finding_document ON finding (document);
