-- Version 8: what receivers refuse record by record, what is tried again, how often they are called.

-- Records whose fate is not that of their parcel, because the receiver answered record by record.
-- Of a delivered parcel these are all that it has not got; of an open one, those in state UNKNOWN are
-- all that is still to be told.
CREATE TABLE letter (
    receiver TEXT    NOT NULL REFERENCES receiver (name),
    number   INTEGER NOT NULL, -- of the record
    state    INTEGER NOT NULL CHECK (state IN (3, 4)), -- outbox.UNKNOWN, REFUSED
    code     TEXT    NOT NULL, -- the receiver's own, for why it refused
    message  TEXT    NOT NULL,
    PRIMARY KEY (receiver, number)
) STRICT, WITHOUT ROWID;

-- Parcels with dead letters that a person wants tried again. Each waits until no other is open.
CREATE TABLE redrive (
    receiver TEXT    NOT NULL,
    first    INTEGER NOT NULL,
    PRIMARY KEY (receiver, first),
    FOREIGN KEY (receiver, first) REFERENCES parcel (receiver, first)
) STRICT, WITHOUT ROWID;

-- How often a receiver with limits was called lately: JSON, connectors.limits.Spent.
CREATE TABLE pace (
    receiver TEXT PRIMARY KEY REFERENCES receiver (name),
    spent    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
