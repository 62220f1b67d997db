-- Put before every script. Arguments: prefix, account (escaped), then the script's own.
-- Times travel as text of 17 digits, since Lua's own conversion keeps only 14.
--
-- Keys, all of one hash slot. For each account:
--   state       hash   blob, generation, frozen, offset
--   kinds       set    kinds of claims
--   claims:K    hash   value -> at:expires:by          expiry:K  sorted set of values by expiry, of those that end
--   sequence    number the order in which records and deliveries came
--   records     hash   place -> version:seq:blob       order     sorted set of places by seq
--   names       sorted set, by text: namespace, provider, name, seq, place, with NUL between; namespace is k(ey) or a(lias)
--   named       hash   place -> its aliases
--   steps, counters, rate_counters, counts   hashes
--   entries     hash   id -> blob                      journal   list of ids, newest first
--   journal_bytes, record_bytes   numbers: what the blobs take
--   deliveries  sorted set of ids by seq               d:ID      hash: see store()
--   groups      set of provider, event, state, kind    group:G, reference:R, request:R   sorted sets of ids by seq
--   finished    list of ids, newest first              finished_bytes   number: what they take
--   lane:L      sorted set of seq:id by place, those pending   heads   hash  lane -> id of its first
--   wake        sorted set of seq:account:id by the real time at which it may next be taken
-- and for all accounts: accounts (set), journals (sorted set of accounts with entries by version), journal_bytes (number), wake (as above), version, generation (numbers), changes (stream of one entry).
local P, A = ARGV[1], ARGV[2]
local at = 2
local call = redis.call

local function take()
  at = at + 1
  return ARGV[at]
end

local function key(account, what)
  return P .. account .. ':' .. what
end

local function text(number)
  return string.format('%.17g', number)
end

-- Something has changed, in an account if one is given: count it, and wake those who wait for it.
local function changed(account)
  if account then
    call('SADD', P .. 'accounts', account)
  end
  local version = call('INCR', P .. 'version')
  call('XADD', P .. 'changes', 'MAXLEN', 1, version .. '-1', 'version', version)
end

local function sequence(account)
  return string.format('%012x', call('INCR', key(account, 'sequence')))
end

-- Count bytes that have come to an account's journal, or have left it.
local function hold(account, bytes)
  call('INCRBY', key(account, 'journal_bytes'), bytes)
  call('INCRBY', P .. 'journal_bytes', bytes)
end

local function empty_journal(account)
  call('DECRBY', P .. 'journal_bytes', call('GET', key(account, 'journal_bytes')) or 0)
  call('UNLINK', key(account, 'entries'), key(account, 'journal'), key(account, 'journal_bytes'))
  call('ZREM', P .. 'journals', account)
end

local function member(account, id, seq)
  return seq .. ':' .. account .. ':' .. id
end

-- Say when a delivery may next be taken; nil: not at all.
local function wake(account, id, seq, when)
  for _, name in ipairs({P .. 'wake', key(account, 'wake')}) do
    if when then
      call('ZADD', name, text(when), member(account, id, seq))
    else
      call('ZREM', name, member(account, id, seq))
    end
  end
end

-- Real time at which a delivery may be taken: it is due on its account's clock, and its hold or lease is over.
local function wake_time(account, due, away)
  local clock = call('HMGET', key(account, 'state'), 'frozen', 'offset')
  local frozen, offset = tonumber(clock[1] or ''), tonumber(clock[2] or '0')
  local when
  if not frozen then
    when = tonumber(due) - offset
  elseif tonumber(due) <= frozen + 1e-6 then
    when = tonumber(due) - 1e11
  else
    when = math.huge
  end
  away = tonumber(away)
  return away > when and away ~= 0 and away or when
end

-- See that exactly the first of a lane can be taken: the one that is under way, else that with the earliest place.
local function seat(account, lane)
  local heads, queue = key(account, 'heads'), key(account, 'lane:' .. lane)
  local head = call('HGET', heads, lane)
  local seq
  if head then
    local known = call('HMGET', key(account, 'd:' .. head), 'attempts', 'away', 'held', 'seq')
    if known[1] ~= '0' or (known[2] ~= '0' and known[3] == '0') then
      return
    end
    seq = known[4]
  end
  local first = call('ZRANGE', queue, 0, 0)[1]
  first = first and string.sub(first, 14)
  if first == head then
    return
  end
  if head then
    wake(account, head, seq, nil)
    call('HDEL', heads, lane)
  end
  if first then
    local known = call('HMGET', key(account, 'd:' .. first), 'due', 'away', 'seq')
    call('HSET', heads, lane, first)
    wake(account, first, known[3], wake_time(account, known[1], known[2]))
  end
end

-- Put a delivery in that state into the sorted sets by which it is found, or (no seq) take it out of them.
local function index(account, id, seq, state)
  local name = key(account, 'd:' .. id)
  local provider, event, kind, reference, request = unpack(call('HMGET', name, 'provider', 'event', 'kind', 'reference', 'request_id'))
  local group = provider .. '\0' .. event .. '\0' .. state .. '\0' .. kind
  for _, set in ipairs({'group:' .. group, 'reference:' .. reference, 'request:' .. request}) do
    if seq then
      call('ZADD', key(account, set), tonumber(seq, 16), id)
    else
      call('ZREM', key(account, set), id)
    end
  end
  if seq then
    call('SADD', key(account, 'groups'), group)
  elseif call('EXISTS', key(account, 'group:' .. group)) == 0 then
    call('SREM', key(account, 'groups'), group)
  end
end

-- A new message, from the arguments id, lane, due, blob, provider, event, reference, request_id, kind; one whose id is known already stays as it is.
local function store(account, hold_until)
  local id, lane, due, blob = take(), take(), take(), take()
  local provider, event, reference, request_id, kind = take(), take(), take(), take(), take()
  if call('EXISTS', key(account, 'd:' .. id)) == 1 then
    return
  end
  local seq = sequence(account)
  local held = hold_until ~= '0' and 1 or 0
  call('HSET', key(account, 'd:' .. id), 'message', blob, 'state', 'pending', 'due', due, 'place', due, 'turn', 0, 'held', held,
    'away', hold_until, 'lane', lane, 'seq', seq, 'attempts', 0,
    'provider', provider, 'event', event, 'reference', reference, 'request_id', request_id, 'kind', kind)
  call('ZADD', key(account, 'deliveries'), tonumber(seq, 16), id)
  index(account, id, seq, 'pending')
  if lane == '' then
    wake(account, id, seq, wake_time(account, due, hold_until))
  else
    call('ZADD', key(account, 'lane:' .. lane), due, seq .. ':' .. id)
    seat(account, lane)
  end
end

-- Give a delivery another state and due time, and draw the consequences for its lane. ``away``: when its lease ends, '0': none.
local function put(account, id, state, due, away, limit, most)
  local name = key(account, 'd:' .. id)
  local known = call('HMGET', name, 'state', 'lane', 'seq', 'place')
  local before, lane, seq, place = known[1], known[2], known[3], known[4]
  call('HSET', name, 'state', state, 'due', due, 'held', 0, 'away', away)
  if state ~= before then
    index(account, id, nil, before)
    index(account, id, seq, state)
  end
  local heads, queue = key(account, 'heads'), key(account, 'lane:' .. lane)
  local blocked = false
  if lane ~= '' then
    if state == 'pending' then
      call('ZADD', queue, place, seq .. ':' .. id)
      blocked = call('HGET', heads, lane) ~= id
    else
      call('ZREM', queue, seq .. ':' .. id)
      if call('HGET', heads, lane) == id then
        call('HDEL', heads, lane)
      end
    end
  end
  wake(account, id, seq, state == 'pending' and not blocked and wake_time(account, due, away) or nil)
  if lane ~= '' then
    seat(account, lane)
  end
  local finished, bytes = key(account, 'finished'), key(account, 'finished_bytes')
  if state == 'pending' and before ~= 'pending' then
    call('LREM', finished, 1, id)
    call('DECRBY', bytes, call('HGET', name, 'size') or 0)
  elseif state ~= 'pending' and before == 'pending' then
    local size = 1024 + call('HSTRLEN', name, 'message')
    for number = 1, tonumber(call('HGET', name, 'attempts')) do
      size = size + call('HSTRLEN', name, 'attempt:' .. number)
    end
    call('HSET', name, 'size', size)
    call('LPUSH', finished, id)
    local total, count = call('INCRBY', bytes, size), call('LLEN', finished)
    while count > tonumber(limit) or (total > tonumber(most) and count > 1) do
      local oldest = call('RPOP', finished)
      local gone = key(account, 'd:' .. oldest)
      total, count = call('DECRBY', bytes, call('HGET', gone, 'size') or 0), count - 1
      index(account, oldest, nil, call('HGET', gone, 'state'))
      call('DEL', gone)
      call('ZREM', key(account, 'deliveries'), oldest)
    end
  end
end
