-- Store.deliveries. Arguments: limit, before (or empty), then names and values of the fields that must be so. Answers how many
-- there are, and the hashes of those asked for. Looks at no more than the answer holds, but for one reference or request.
local limit, before = tonumber(take()), take()
local where, names, values = {}, {}, {}
while at < #ARGV do
  local name, value = take(), take()
  where[name] = value
  names[#names + 1], values[#values + 1] = name, value
end

local bound = before == '' and '+inf' or call('ZSCORE', key(A, 'deliveries'), before)
bound = bound and (before == '' and bound or '(' .. bound)

local function selected(id)
  local known = call('HMGET', key(A, 'd:' .. id), unpack(names))
  for each = 1, #names do
    if known[each] ~= values[each] then
      return false
    end
  end
  return true
end

-- Of one reference or request: few, so each is looked at.
local function few(index)
  local newest_first, ids = call('ZREVRANGE', index, 0, -1, 'WITHSCORES'), {}
  local total, oldest = 0, bound and (before == '' and math.huge or tonumber(string.sub(bound, 2))) or -1
  for each = 1, #newest_first, 2 do
    if selected(newest_first[each]) then
      total = total + 1
      if #ids < limit and tonumber(newest_first[each + 1]) < oldest then
        ids[#ids + 1] = newest_first[each]
      end
    end
  end
  return total, ids
end

-- Of whole groups: those of one provider, event, state and kind are counted, and only the newest of each are looked at.
local function many()
  local total, newest = 0, {}
  for _, group in ipairs(call('SMEMBERS', key(A, 'groups'))) do
    local provider, event, state, kind = string.match(group, '^(%Z*)%z(%Z*)%z(%Z*)%z(%Z*)$')
    local fields = {provider = provider, event = event, state = state, kind = kind}
    local matches = true
    for name, value in pairs(where) do
      matches = matches and fields[name] == value
    end
    if matches then
      local index = key(A, 'group:' .. group)
      total = total + call('ZCARD', index)
      local found = bound and limit > 0 and call('ZREVRANGEBYSCORE', index, bound, '-inf', 'WITHSCORES', 'LIMIT', 0, limit) or {}
      for each = 1, #found, 2 do
        newest[#newest + 1] = {tonumber(found[each + 1]), found[each]}
      end
    end
  end
  table.sort(newest, function(left, right) return left[1] > right[1] end)
  local ids = {}
  for each = 1, math.min(limit, #newest) do
    ids[each] = newest[each][2]
  end
  return total, ids
end

local total, ids
if where.reference then
  total, ids = few(key(A, 'reference:' .. where.reference))
elseif where.request_id then
  total, ids = few(key(A, 'request:' .. where.request_id))
else
  total, ids = many()
end
for each, id in ipairs(ids) do
  ids[each] = call('HGETALL', key(A, 'd:' .. id))
end
return {total, ids}
