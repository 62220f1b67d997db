-- The statements of the SQLite store by name. In braces: columns of `sqlite_rows.py`, and a question mark for each.

-- accounts ---------------------------------------------------------------------------------------------------

-- name: account
SELECT clock_frozen, clock_offset, pinned, inline, switched_off, overrides, generation FROM accounts WHERE name = :account;

-- name: probe
INSERT INTO counters VALUES('*', 'probe', hex(zeroblob(32768)), 0, NULL) ON CONFLICT DO NOTHING;

-- name: forget_probe
DELETE FROM counters WHERE account = '*' AND kind = 'probe';

-- name: accounts
SELECT name FROM accounts ORDER BY name;

-- name: use_account
INSERT INTO accounts(name, used) VALUES(:account, :now)
ON CONFLICT DO UPDATE SET used = excluded.used WHERE excluded.used >= used + 1;

-- name: next_generation
INSERT INTO counters VALUES('', 'generation', '', 1, NULL) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value;

-- name: set_account
UPDATE accounts SET (clock_frozen, clock_offset, pinned, inline, switched_off, overrides, generation)
  = (?, ?, ?, ?, ?, ?, ?) WHERE name = ?;

-- name: set_clock
UPDATE deliveries SET due_real = CASE
  WHEN :frozen IS NULL THEN due - :offset WHEN due <= :frozen THEN due - :long_ago ELSE 9e999 END
WHERE account = :account AND state = 'pending';

-- name: reset
DELETE FROM accounts WHERE name = :account;

-- name: reset_all
DELETE FROM accounts;

-- nonces -----------------------------------------------------------------------------------------------------

-- name: nonce
SELECT {NONCE} FROM nonces
WHERE account = :account AND kind = :kind AND value = :value AND (expires IS NULL OR expires >= :now);

-- Writes nothing while the nonce is in force.
-- name: use_nonce
INSERT INTO nonces(account, {NONCE}) VALUES(?, {NONCE_VALUES})
ON CONFLICT DO UPDATE SET at = excluded.at, expires = excluded.expires, entry = excluded.entry
WHERE nonces.expires < excluded.at;

-- name: sweep_nonces
DELETE FROM nonces WHERE account = :account AND expires < :before;

-- records ----------------------------------------------------------------------------------------------------

-- The plus keeps SQLite from reading all of the account's records from the newest on.
-- name: record
SELECT {RECORD} FROM records WHERE seq = coalesce(
  (SELECT max(+seq) FROM records
   WHERE account = :account AND provider = :provider AND key = :key AND :kind IN ('', kind)),
  (SELECT max(record) FROM aliases
   WHERE account = :account AND provider = :provider AND alias = :key AND :kind IN ('', kind)));

-- name: records
SELECT {RECORD} FROM records
WHERE account = :account AND :provider IN ('', provider) AND :kind IN ('', kind) ORDER BY seq;

-- name: count_records
SELECT count(*) FROM records
WHERE account = :account AND (:providers = '[]' OR provider IN (SELECT value FROM json_each(:providers)))
  AND :kind IN ('', kind) AND :status IN ('', status) AND (:q = '' OR mentions(:q, key, status, aliases, data));

-- name: newest_records
SELECT {RECORD} FROM records
WHERE account = :account AND (:providers = '[]' OR provider IN (SELECT value FROM json_each(:providers)))
  AND :kind IN ('', kind) AND :status IN ('', status) AND (:q = '' OR mentions(:q, key, status, aliases, data))
  AND (:at = '' OR seq < (
    SELECT seq FROM records WHERE account = :account AND provider = :in AND kind = :of AND key = :at))
ORDER BY seq DESC LIMIT :limit;

-- name: create_record
INSERT INTO records(account, size, {RECORD}) VALUES(?, ?, {RECORD_VALUES});

-- name: update_record
UPDATE records SET (size, {RECORD}) = (?, {RECORD_VALUES}) WHERE account = ? AND provider = ? AND kind = ? AND key = ?;

-- name: add_alias
INSERT OR IGNORE INTO aliases(account, provider, alias, kind, record) VALUES(?, ?, ?, ?, ?);

-- name: place
SELECT seq, version FROM records WHERE account = ? AND provider = ? AND kind = ? AND key = ?;

-- name: sweep_records
DELETE FROM records WHERE account = :account AND seq <= max(
  coalesce((SELECT seq FROM records WHERE account = :account ORDER BY seq DESC LIMIT 1 OFFSET :keep), 0),
  CASE WHEN (SELECT sum(size) FROM records WHERE account = :account) > :most THEN coalesce((
    SELECT max(seq) FROM (
      SELECT seq, lag(seq) OVER newest AS newer, sum(size) OVER newest AS held FROM records WHERE account = :account
      WINDOW newest AS (ORDER BY seq DESC))
    WHERE newer IS NOT NULL AND held > :most), 0) ELSE 0 END);

-- sequences --------------------------------------------------------------------------------------------------

-- name: position
SELECT position FROM sequences WHERE account = :account AND scenario = :scenario AND reference = :reference;

-- name: move_sequence
INSERT INTO sequences VALUES(:account, :scenario, :reference, 1,
  (SELECT coalesce(max(moved), 0) + 1 FROM sequences WHERE account = :account))
ON CONFLICT DO UPDATE SET position = position + 1, moved = excluded.moved
RETURNING moved;

-- name: sweep_sequences
DELETE FROM sequences WHERE account = :account AND moved <= (
  SELECT moved FROM sequences WHERE account = :account ORDER BY moved DESC LIMIT 1 OFFSET :keep);

-- counters ---------------------------------------------------------------------------------------------------

-- name: counters
SELECT name, value FROM counters WHERE account = :account AND kind = :kind;

-- name: sums
SELECT name, sum(value) FROM counters WHERE kind = 'sum' GROUP BY name;

-- name: states
SELECT state, count(*) FROM deliveries WHERE state = 'pending' AND kind = 'callback' GROUP BY state
UNION ALL SELECT state, count(*) FROM deliveries WHERE finished IS NOT NULL AND kind = 'callback' GROUP BY state;

-- name: counter
SELECT value FROM counters WHERE account = :account AND kind = 'sum' AND name = :name;

-- name: add
INSERT INTO counters VALUES(?, ?, ?, ?, NULL)
ON CONFLICT DO UPDATE SET value = value + excluded.value;

-- name: count
INSERT INTO counters VALUES(:account, 'rate', :name, 1, :until) ON CONFLICT DO UPDATE SET
  value = CASE WHEN until <= :now THEN 1 ELSE value + 1 END,
  until = CASE WHEN until <= :now THEN excluded.until ELSE until END
RETURNING value;

-- name: sweep_counters
DELETE FROM counters WHERE account = :account AND kind = 'rate' AND until <= :now;

-- entries ----------------------------------------------------------------------------------------------------

-- name: entry
SELECT {ENTRY}, {REQUEST} FROM entries WHERE account = :account AND id = :id
  AND seq > coalesce((SELECT seq FROM entries WHERE account = :account ORDER BY seq DESC LIMIT 1 OFFSET :keep), 0);

-- name: add_entry
INSERT INTO entries(size, {ENTRY}, {REQUEST}) VALUES(?, {ENTRY_VALUES}, {REQUEST_VALUES});

-- name: sweep_entries
DELETE FROM entries WHERE account = :account AND seq <= max(
  coalesce((SELECT seq FROM entries WHERE account = :account ORDER BY seq DESC LIMIT 1 OFFSET :keep), 0),
  CASE WHEN (SELECT sum(size) FROM entries WHERE account = :account) > :most THEN coalesce((
    SELECT max(seq) FROM (
      SELECT seq, lag(seq) OVER newest AS newer, sum(size) OVER newest AS held FROM entries WHERE account = :account
      WINDOW newest AS (ORDER BY seq DESC))
    WHERE newer IS NOT NULL AND held > :most), 0) ELSE 0 END);

-- name: sweep_all_entries
DELETE FROM entries WHERE (SELECT sum(size) FROM entries) > :most AND seq <= (
  SELECT max(seq) FROM (SELECT seq, sum(size) OVER (ORDER BY seq DESC) AS held FROM entries) WHERE held > :most);

-- name: clear_entries
DELETE FROM entries WHERE account = :account;

-- deliveries -------------------------------------------------------------------------------------------------

-- name: add_delivery
INSERT INTO deliveries({MESSAGE}, state, due, due_real, held_until, front)
VALUES({MESSAGE_VALUES}, 'pending', ?, ?, ?, ?) ON CONFLICT DO NOTHING;

-- name: delivery
SELECT {MESSAGE}, state, due, turn, held_until, leased_until, attempts, seq FROM deliveries WHERE account = :account AND id = :id;

-- name: deliveries
SELECT {MESSAGE}, state, due, turn, held_until, leased_until, attempts, seq FROM deliveries WHERE seq IN (SELECT value FROM json_each(:seqs)) ORDER BY due_real, seq;

-- name: deliveries_by_seq
SELECT {MESSAGE}, state, due, turn, held_until, leased_until, attempts, seq FROM deliveries
WHERE seq IN (SELECT value FROM json_each(:seqs)) ORDER BY seq DESC;

-- name: attempts
SELECT delivery, {ATTEMPT} FROM attempts
WHERE delivery IN (SELECT value FROM json_each(:seqs)) ORDER BY delivery, number;

-- name: add_attempt
INSERT INTO attempts(delivery, number, {ATTEMPT}) VALUES(?, ?, {ATTEMPT_VALUES});

-- name: wake_at
SELECT min(available) FROM deliveries WHERE available < 9e999;

-- The plus keeps SQLite from reading all of the account's deliveries in place of those that are due.
-- name: lease_due
UPDATE deliveries SET held_until = NULL, leased_until = :until WHERE seq IN (
  SELECT seq FROM deliveries WHERE available <= :real AND :account IN ('', +account)
  ORDER BY available, seq LIMIT :limit)
RETURNING seq;

-- name: next_due
SELECT min(due) FROM deliveries WHERE account = :account AND state = 'pending' AND held_until IS NULL AND due > :after;

-- name: release
UPDATE deliveries SET held_until = NULL WHERE account = :account AND id = :id;

-- name: known
SELECT seq, state, due, lane, leased_until, attempts, turn, finished, length(url) + length(body) FROM deliveries
WHERE account = :account AND id = :id;

-- name: put
UPDATE deliveries SET state = :state, due = :due, due_real = :due_real, held_until = NULL, leased_until = :leased_until,
  attempts = :attempts, turn = :turn, finished = :finished,
  front = CASE WHEN (state = 'pending') = (:state = 'pending') THEN front ELSE lane = '' END
WHERE seq = :seq;

-- The one in front, if there is one, and who was to leave first of the others.
-- name: lane
SELECT seq, front, first_due, attempts > 0 OR leased_until IS NOT NULL FROM deliveries
WHERE account = :account AND lane = :lane AND state = 'pending' ORDER BY front DESC, first_due, seq LIMIT 2;

-- name: put_in_front
UPDATE deliveries SET front = (seq = :seq) WHERE seq IN (:seq, :before);

-- name: next_finished
SELECT coalesce(max(finished), 0) + 1 FROM deliveries WHERE account = :account AND finished IS NOT NULL;

-- name: sweep_finished
DELETE FROM deliveries WHERE account = :account AND finished <= (
  SELECT max(finished) FROM (
    SELECT finished, row_number() OVER newest AS place, sum(size) OVER newest AS held FROM (
      SELECT finished, 1024 + length(url) + length(body) + coalesce((
        SELECT sum(256 + length(error) + length(headers) + length(body) + coalesce(length(sent_body), 0))
        FROM attempts WHERE delivery = deliveries.seq), 0) AS size
      FROM deliveries WHERE account = :account AND finished IS NOT NULL)
    WINDOW newest AS (ORDER BY finished DESC))
  WHERE place > :keep OR (place > 1 AND held > :most));
