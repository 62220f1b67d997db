-- Store.commit. Arguments: hold_until, journal limit, record limit, bytes of journal, records, all journals; entry id (or empty), blob, scenario; then, each with their
-- number before them: claims (kind, value, at, expires, by), records (place, version, aliases, blob), steps (name, position),
-- counters (name, amount), messages (held, those of store()). Answers the precondition that does not hold, or nothing.
local hold_until, journal_limit, record_limit = take(), tonumber(take()), tonumber(take())
local journal_bytes, record_bytes, total_bytes = tonumber(take()), tonumber(take()), tonumber(take())
local entry, blob, scenario = take(), take(), take()

-- The client sends a command again when its connection broke before the answer: what has been done is not done twice.
if entry ~= '' and call('HEXISTS', key(A, 'entries'), entry) == 1 then
  return false
end

local function read(fields)
  local rows = {}
  for row = 1, tonumber(take()) do
    rows[row] = {}
    for field = 1, fields do
      rows[row][field] = take()
    end
  end
  return rows
end

local function forget_oldest(account)
  local id = call('RPOP', key(account, 'journal'))
  hold(account, -call('HSTRLEN', key(account, 'entries'), id))
  call('HDEL', key(account, 'entries'), id)
  if call('EXISTS', key(account, 'journal')) == 0 then
    call('ZREM', P .. 'journals', account)
  end
end

local claims, records, steps, counters = read(5), read(4), read(2), read(2)

for _, claim in ipairs(claims) do
  local known = call('HGET', key(A, 'claims:' .. claim[1]), claim[2])
  if known and tonumber(string.match(known, '^[^:]*:([^:]*):')) >= tonumber(claim[3]) then
    return 'claim'
  end
end
for _, record in ipairs(records) do
  local known = call('HGET', key(A, 'records'), record[1])
  if (known and string.match(known, '^(%d+):') or '0') ~= record[2] then
    return 'record'
  end
end
for _, step in ipairs(steps) do
  if (call('HGET', key(A, 'steps'), step[1]) or '0') ~= step[2] then
    return 'step'
  end
end

for _, claim in ipairs(claims) do
  local kind, value, when, expires, by = unpack(claim)
  local values, expiry = key(A, 'claims:' .. kind), key(A, 'expiry:' .. kind)
  call('SADD', key(A, 'kinds'), kind)
  call('HSET', values, value, when .. ':' .. expires .. ':' .. by)
  if expires ~= 'inf' then
    call('ZADD', expiry, expires, value)
  end
  for _, over in ipairs(call('ZRANGEBYSCORE', expiry, '-inf', '(' .. when, 'LIMIT', 0, 4)) do
    call('ZREM', expiry, over)
    call('HDEL', values, over)
  end
end

local function name_of(space, place, name, seq)
  return space .. '\0' .. string.match(place, '^%Z*') .. '\0' .. name .. '\0' .. seq .. '\0' .. place
end

local function unname(place, seq)
  local aliases = call('HGET', key(A, 'named'), place)
  if aliases then
    for alias in string.gmatch(aliases, '(%Z*)%z') do
      call('ZREM', key(A, 'names'), name_of('a', place, alias, seq))
    end
    call('HDEL', key(A, 'named'), place)
  end
end

for _, record in ipairs(records) do
  local place, version, aliases, data = unpack(record)
  local known = call('HGET', key(A, 'records'), place)
  local seq = known and string.match(known, '^%d+:(%x+):') or sequence(A)
  call('INCRBY', key(A, 'record_bytes'), #data - (known and #string.match(known, '^%d+:%x+:(.*)') or 0))
  call('HSET', key(A, 'records'), place, (tonumber(version) + 1) .. ':' .. seq .. ':' .. data)
  if not known then
    call('ZADD', key(A, 'order'), tonumber(seq, 16), place)
    call('ZADD', key(A, 'names'), 0, name_of('k', place, string.match(place, '%Z*$'), seq))
  end
  if (call('HGET', key(A, 'named'), place) or '') ~= aliases then
    unname(place, seq)
    call('HSET', key(A, 'named'), place, aliases)
    for alias in string.gmatch(aliases, '(%Z*)%z') do
      call('ZADD', key(A, 'names'), 0, name_of('a', place, alias, seq))
    end
  end
end
while #records > 0 do
  local count = call('ZCARD', key(A, 'order'))
  if count <= record_limit and (count == 1 or tonumber(call('GET', key(A, 'record_bytes')) or '0') <= record_bytes) then
    break
  end
  local place = call('ZRANGE', key(A, 'order'), 0, 0)[1]
  local seq, data = string.match(call('HGET', key(A, 'records'), place), '^%d+:(%x+):(.*)')
  call('DECRBY', key(A, 'record_bytes'), #data)
  unname(place, seq)
  call('ZREM', key(A, 'names'), name_of('k', place, string.match(place, '%Z*$'), seq))
  call('ZREM', key(A, 'order'), place)
  call('HDEL', key(A, 'records'), place)
end

for _, step in ipairs(steps) do
  call('HINCRBY', key(A, 'steps'), step[1], 1)
end
for _, counter in ipairs(counters) do
  call('HINCRBYFLOAT', key(A, 'counters'), counter[1], counter[2])
end

if entry ~= '' then
  call('HSET', key(A, 'entries'), entry, blob)
  call('LPUSH', key(A, 'journal'), entry)
  hold(A, #blob)
  call('ZADD', P .. 'journals', call('GET', P .. 'version') or 0, A)
  while true do
    local count = call('LLEN', key(A, 'journal'))
    if count <= journal_limit and (count == 1 or tonumber(call('GET', key(A, 'journal_bytes'))) <= journal_bytes) then
      break
    end
    forget_oldest(A)
  end
  while tonumber(call('GET', P .. 'journal_bytes')) > total_bytes do
    local idle = call('ZRANGE', P .. 'journals', 0, 0)[1]
    if not idle then
      break
    end
    forget_oldest(idle)
  end
  if scenario ~= '' then
    call('HINCRBY', key(A, 'counts'), scenario, 1)
  end
end

for _ = 1, tonumber(take()) do
  store(A, take() == '1' and hold_until or '0')
end
changed(A)
return false
