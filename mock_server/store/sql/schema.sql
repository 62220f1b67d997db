-- All times are seconds since 1970: on the account's clock, or the machine's where the name says real, until or used.
-- A body is text where it is UTF-8, else a BLOB. Headers, waits, aliases, evidence and the like are JSON.
-- Whatever belongs to an account goes with its row: DELETE FROM accounts WHERE name = 'x' is a reset of x.

CREATE TABLE accounts(
  name TEXT PRIMARY KEY,
  clock_frozen REAL,                    -- where the account's clock stands still; NULL: it runs
  clock_offset REAL NOT NULL DEFAULT 0, -- seconds by which it is ahead of real time
  pinned TEXT NOT NULL DEFAULT '',
  inline TEXT NOT NULL DEFAULT '[]',    -- scenario documents added over the control API
  switched_off TEXT NOT NULL DEFAULT '[]', -- provider/name of each scenario that does not answer this account
  overrides TEXT NOT NULL DEFAULT '{}', -- what PUT /__admin/accounts/NAME has merged
  generation INTEGER NOT NULL DEFAULT 0,
  used REAL NOT NULL                    -- real time of the last write, to the second
) WITHOUT ROWID;
CREATE INDEX accounts_by_use ON accounts(generation > 0, used);

CREATE TABLE entries(
  seq INTEGER PRIMARY KEY,              -- order of arrival
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  at REAL NOT NULL, real REAL NOT NULL,
  provider TEXT NOT NULL, operation TEXT NOT NULL,
  method TEXT NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL,
  status INTEGER NOT NULL,
  reference TEXT NOT NULL, scenario TEXT NOT NULL, source TEXT NOT NULL, step INTEGER NOT NULL,
  error TEXT NOT NULL, outcome TEXT NOT NULL, delay REAL NOT NULL, took REAL NOT NULL, fault TEXT NOT NULL,
  peer TEXT NOT NULL, origin TEXT NOT NULL, mount TEXT NOT NULL,
  raw_path TEXT NOT NULL, ignored_headers TEXT NOT NULL,
  size INTEGER NOT NULL,                -- bytes that it takes, roughly
  request_cut TEXT, body_cut TEXT,      -- length and SHA-256 of a body of which only the beginning is here
  request_headers TEXT NOT NULL, response_headers TEXT NOT NULL, evidence TEXT,
  request_body TEXT NOT NULL, response_body TEXT NOT NULL
);
CREATE INDEX entries_by_account ON entries(account, seq, id, size);

CREATE TABLE nonces(
  account TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
  at REAL NOT NULL,
  expires REAL,                         -- NULL: never
  entry TEXT NOT NULL,                  -- id of the journal entry that used it
  PRIMARY KEY(account, kind, value)
) WITHOUT ROWID;
CREATE INDEX nonces_by_expiry ON nonces(account, expires) WHERE expires IS NOT NULL;

CREATE TABLE records(
  seq INTEGER PRIMARY KEY,              -- order of creation
  account TEXT NOT NULL,
  provider TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
  status TEXT NOT NULL, created REAL NOT NULL,
  version INTEGER NOT NULL,             -- a write must name the version that was read
  size INTEGER NOT NULL,                -- bytes that it takes, roughly
  aliases TEXT NOT NULL,
  data TEXT NOT NULL
);
CREATE UNIQUE INDEX records_by_key ON records(account, provider, key, kind);
CREATE INDEX records_by_account ON records(account, seq, size);

CREATE TABLE aliases(                   -- other keys by which a record is found
  account TEXT NOT NULL, provider TEXT NOT NULL, alias TEXT NOT NULL,
  record INTEGER NOT NULL,              -- records.seq; before `kind`, or integrity_check of SQLite 3.40 complains
  kind TEXT NOT NULL,
  PRIMARY KEY(account, provider, alias, record)
) WITHOUT ROWID;
CREATE INDEX aliases_by_record ON aliases(record);
CREATE TRIGGER record_renamed AFTER UPDATE OF aliases ON records WHEN new.aliases <> old.aliases BEGIN
  DELETE FROM aliases WHERE record = old.seq;
END;
CREATE TRIGGER record_deleted AFTER DELETE ON records WHEN old.aliases <> '[]' BEGIN
  DELETE FROM aliases WHERE record = old.seq;
END;

CREATE TABLE sequences(
  account TEXT NOT NULL, scenario TEXT NOT NULL, reference TEXT NOT NULL,
  position INTEGER NOT NULL,            -- how often the scenario has answered this reference
  moved INTEGER NOT NULL,               -- counts the account's moves
  PRIMARY KEY(account, scenario, reference)
) WITHOUT ROWID;
CREATE INDEX sequences_by_move ON sequences(account, moved);

CREATE TABLE counters(
  account TEXT NOT NULL,
  kind TEXT NOT NULL,                   -- 'sum' of amounts, 'scenario' that answered, 'rate' until a real time
  name TEXT NOT NULL,
  value REAL NOT NULL,
  until REAL,
  PRIMARY KEY(account, kind, name)
) WITHOUT ROWID;

CREATE TABLE deliveries(
  seq INTEGER PRIMARY KEY,              -- order of arrival
  account TEXT NOT NULL, id TEXT NOT NULL,
  provider TEXT NOT NULL, event TEXT NOT NULL, reference TEXT NOT NULL,
  kind TEXT NOT NULL,                   -- 'callback', 'timer'
  state TEXT NOT NULL,                  -- 'pending', 'delivered', 'failed', 'dropped', 'cancelled', 'not sent'
  due REAL NOT NULL,                    -- when the next attempt may leave
  attempts INTEGER NOT NULL DEFAULT 0,  -- how many there are in the table
  turn INTEGER NOT NULL DEFAULT 0,      -- how many directives of deliver have been played
  request_id TEXT NOT NULL,             -- the journal entry that caused it
  scenario TEXT NOT NULL,
  lane TEXT NOT NULL,                   -- those of one lane leave in order; '': no order
  front INTEGER NOT NULL,               -- 1: the first of its lane
  due_real REAL NOT NULL,               -- real time at which the account's clock shows due
  held_until REAL,                      -- waits for its HTTP response to have left
  leased_until REAL,                    -- a process is sending it
  available REAL AS (                   -- real time from which it may be taken; NULL: not before something else happens
    CASE WHEN state = 'pending' AND front THEN coalesce(max(due_real, coalesce(held_until, leased_until)), due_real) END),
  finished INTEGER,                     -- counts the account's deliveries that ended
  first_due REAL NOT NULL, created REAL NOT NULL, timeout REAL NOT NULL, before_response INTEGER NOT NULL,
  waits TEXT NOT NULL, deliver TEXT NOT NULL,
  method TEXT NOT NULL, url TEXT NOT NULL, headers TEXT NOT NULL, body TEXT NOT NULL,
  no_address TEXT NOT NULL              -- why it cannot be sent; '': it has an address
);
CREATE UNIQUE INDEX deliveries_by_id ON deliveries(account, id);
CREATE INDEX deliveries_by_kind ON deliveries(account, kind);
CREATE INDEX deliveries_by_event ON deliveries(account, kind, event);
CREATE INDEX deliveries_by_reference ON deliveries(account, reference);
CREATE INDEX deliveries_by_request ON deliveries(account, request_id);
CREATE INDEX deliveries_available ON deliveries(available) WHERE available IS NOT NULL;
CREATE INDEX deliveries_pending ON deliveries(account, lane, front DESC, first_due, seq, kind) WHERE state = 'pending';
CREATE INDEX deliveries_finished ON deliveries(account, finished) WHERE finished IS NOT NULL;

CREATE TABLE attempts(
  delivery INTEGER NOT NULL,            -- deliveries.seq
  number INTEGER NOT NULL,
  at REAL NOT NULL, took REAL NOT NULL,
  status INTEGER NOT NULL,              -- 0: no response
  error TEXT NOT NULL, done TEXT NOT NULL,
  headers TEXT NOT NULL, body TEXT NOT NULL, sent_headers TEXT NOT NULL, sent_body TEXT,
  PRIMARY KEY(delivery, number)
) WITHOUT ROWID;
CREATE TRIGGER delivery_deleted AFTER DELETE ON deliveries WHEN old.attempts > 0 BEGIN
  DELETE FROM attempts WHERE delivery = old.seq;
END;

CREATE TRIGGER account_created AFTER INSERT ON accounts WHEN (SELECT count(*) FROM accounts) > 2000 BEGIN
  DELETE FROM accounts WHERE name = (SELECT name FROM accounts WHERE name <> new.name ORDER BY generation > 0, used LIMIT 1);
END;
CREATE TRIGGER account_deleted AFTER DELETE ON accounts BEGIN
  DELETE FROM entries WHERE account = old.name;
  DELETE FROM nonces WHERE account = old.name;
  DELETE FROM records WHERE account = old.name;
  DELETE FROM sequences WHERE account = old.name;
  DELETE FROM counters WHERE account = old.name;
  DELETE FROM deliveries WHERE account = old.name;
END;
