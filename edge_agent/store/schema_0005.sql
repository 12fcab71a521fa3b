-- Version 5: figures of each day; what products, partners and holders are in the eyes of the
-- notices; stock without codes; invoices; alerts.

-- What one cradle's records booked on one day came to; domain.kpi.Reads. All of it can be counted
-- again from the ledger.
CREATE TABLE kpi (
    day       INTEGER NOT NULL, -- days since 1970 by the time of China
    device    TEXT    NOT NULL,
    first     INTEGER NOT NULL, -- lowest number of a record in it
    last      INTEGER NOT NULL, -- and highest
    reads     INTEGER NOT NULL,
    no_reads  INTEGER NOT NULL,
    bad_reads INTEGER NOT NULL,
    passed    INTEGER NOT NULL,
    again     INTEGER NOT NULL,
    held      INTEGER NOT NULL,
    rejected  INTEGER NOT NULL,
    units     INTEGER NOT NULL,
    PRIMARY KEY (day, device)
) STRICT, WITHOUT ROWID;

-- domain.obligations.Class of a product, as somebody here said.
CREATE TABLE product_class (
    product TEXT    NOT NULL, -- its number in the host's own catalogue
    class   TEXT    NOT NULL,
    act     INTEGER NOT NULL, -- the act that said so
    PRIMARY KEY (product, class)
) STRICT, WITHOUT ROWID;

CREATE INDEX product_class_class ON product_class (class);

-- Stock bought before the day from which goods must carry codes.
CREATE TABLE nocode (
    id       INTEGER PRIMARY KEY,
    product  TEXT    NOT NULL,
    lot      TEXT    NOT NULL,
    expiry   TEXT    NOT NULL, -- YYYY-MM-DD, the last day on which it may be used
    bought   TEXT    NOT NULL, -- YYYY-MM-DD
    zone     TEXT    NOT NULL, -- where it is kept apart
    quantity INTEGER NOT NULL CHECK (quantity > 0), -- smallest packs, when registered
    remains  INTEGER NOT NULL CHECK (remains BETWEEN 0 AND quantity),
    checked  INTEGER           -- the act of its check; NULL before
) STRICT;

CREATE INDEX nocode_product ON nocode (product, expiry) WHERE remains > 0;

-- What was taken from it, for which line of which sale.
CREATE TABLE nocode_taken (
    document TEXT    NOT NULL, -- its number
    line     INTEGER NOT NULL,
    nocode   INTEGER NOT NULL REFERENCES nocode (id),
    act      INTEGER NOT NULL, -- SQLite 3.40 wants the columns of the key first
    quantity INTEGER NOT NULL CHECK (quantity > 0), -- smallest packs
    PRIMARY KEY (document, line, nocode, act)
) STRICT, WITHOUT ROWID;

-- Whom we trade with, and whether he is enrolled at a platform.
CREATE TABLE partner (
    number TEXT    PRIMARY KEY, -- ours for him
    name   TEXT    NOT NULL,
    role   TEXT    NOT NULL, -- domain.obligations.Role
    act    INTEGER NOT NULL  -- the act that says this
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolment (
    partner  TEXT    NOT NULL REFERENCES partner (number),
    platform TEXT    NOT NULL, -- domain.obligations.Recipient
    since    TEXT    NOT NULL, -- YYYY-MM-DD
    act      INTEGER NOT NULL,
    PRIMARY KEY (partner, platform)
) STRICT, WITHOUT ROWID;

-- Which holder may see which of our data. Rows stay; what is over says which act ended it.
CREATE TABLE authorisation (
    id      INTEGER PRIMARY KEY,
    holder  TEXT    NOT NULL, -- the holder of the marketing authorisation
    product TEXT    NOT NULL, -- its number; empty: all of the holder's products
    scope   TEXT    NOT NULL, -- domain.partners.SCOPES
    granted INTEGER NOT NULL, -- number of the act
    revoked INTEGER           -- number of the act; NULL while it is in force
) STRICT;

CREATE UNIQUE INDEX authorisation_in_force ON authorisation (holder, product, scope)
WHERE revoked IS NULL;

-- The invoices that came with a document: seller to buyer, in the order given.
CREATE TABLE invoice (
    document TEXT    NOT NULL, -- its number
    place    INTEGER NOT NULL,
    number   TEXT    NOT NULL,
    seller   TEXT    NOT NULL,
    buyer    TEXT    NOT NULL,
    PRIMARY KEY (document, place)
) STRICT, WITHOUT ROWID;

-- Something that somebody must look at by a day. How it ended stands in the act.
CREATE TABLE alert (
    id        INTEGER PRIMARY KEY,
    kind      TEXT    NOT NULL, -- domain.alerts.KINDS
    about     TEXT    NOT NULL, -- what it is about, in the words of its kind
    detail    TEXT    NOT NULL,
    owner     TEXT    NOT NULL, -- who must look
    due       TEXT    NOT NULL, -- YYYY-MM-DD
    raised    INTEGER NOT NULL, -- number of the act
    closed    INTEGER           -- number of the act; NULL while it is open
) STRICT;

CREATE UNIQUE INDEX alert_open ON alert (kind, about) WHERE closed IS NULL;

-- Figures and balances ask for the documents of some days.
CREATE INDEX document_at ON document (at_ms);
