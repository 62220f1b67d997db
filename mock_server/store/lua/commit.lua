-- Store.commit. Arguments: hold_until, journal limit, record limit, entry id (or empty), blob, scenario; then, each with their
-- number before them: claims (kind, value, at, expires, by), records (place, version, aliases, blob), steps (name, position),
-- counters (name, amount), messages (held, those of store()). Answers the precondition that does not hold, or nothing.
local hold_until, journal_limit, record_limit = take(), tonumber(take()), tonumber(take())
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
for _ = 1, call('ZCARD', key(A, 'order')) - record_limit do
  local place = call('ZRANGE', key(A, 'order'), 0, 0)[1]
  local seq = string.match(call('HGET', key(A, 'records'), place), '^%d+:(%x+):')
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
  if call('LLEN', key(A, 'journal')) > journal_limit then
    call('HDEL', key(A, 'entries'), call('RPOP', key(A, 'journal')))
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
