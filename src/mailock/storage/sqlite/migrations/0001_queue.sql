-- What a message is never changes and lies in `doc` (storage/codec.py); where it stands lies in the columns before it.
CREATE TABLE message (
    id INTEGER PRIMARY KEY,         -- the queue id
    stage INTEGER NOT NULL,
    open INTEGER NOT NULL,          -- copies that are not closed
    deliveries INTEGER NOT NULL,    -- rows in `delivery`
    own INTEGER NOT NULL,           -- copies that have a body of their own
    body INTEGER NOT NULL,
    accepted_at REAL NOT NULL,
    virtual_system TEXT NOT NULL,
    sender TEXT NOT NULL,           -- lower case; empty for the null reverse-path
    why TEXT NOT NULL,              -- of a shunted message
    counted_from REAL,              -- from when its delay counts; NULL: from accepted_at
    doc BLOB NOT NULL
);
-- Those that a station or a person has to find among a million that wait for a next hop.
CREATE INDEX message_waiting ON message (stage) WHERE stage <> 3;

CREATE TABLE body (
    name INTEGER PRIMARY KEY,
    refs INTEGER NOT NULL,          -- messages and copies that name it
    size INTEGER NOT NULL,
    sha256 BLOB,                    -- of a body in a file; an inline one has it in the documents that name it
    content BLOB                    -- of an inline body
);

CREATE INDEX body_in_file ON body (name) WHERE sha256 IS NOT NULL;

CREATE TABLE copy (
    message INTEGER NOT NULL,
    number INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    open INTEGER NOT NULL,          -- deliveries that are pending
    body INTEGER,                   -- a body of its own; NULL where it has the message's
    quarantine_class TEXT,
    quarantined_at REAL,
    counted_from REAL,              -- from when its time in the queue counts; NULL: from the message's accepted_at
    doc BLOB NOT NULL,
    PRIMARY KEY (message, number)
) WITHOUT ROWID;
CREATE INDEX copy_kept ON copy (stage, message) WHERE stage IN (0, 2, 3);

CREATE TABLE delivery (
    message INTEGER NOT NULL,
    copy INTEGER NOT NULL,
    number INTEGER NOT NULL,
    ready INTEGER NOT NULL,         -- 1: pending, of a READY copy of a JUDGED message
    stage INTEGER NOT NULL,
    lane TEXT NOT NULL,
    due REAL NOT NULL,
    attempts INTEGER NOT NULL,
    opened REAL,                    -- when the attempt began that has not been closed
    delay_told INTEGER NOT NULL,
    recipient TEXT NOT NULL,        -- lower case
    last BLOB,
    doc BLOB NOT NULL,
    PRIMARY KEY (message, copy, number)
) WITHOUT ROWID;
CREATE INDEX delivery_due ON delivery (lane, due) WHERE ready > 0;

CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    events BLOB NOT NULL
);

-- One row: how many of what there are, the last sequence number and the largest queue id that was ever given (sqlite/tally.py).
CREATE TABLE tally (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    doc BLOB NOT NULL
);
