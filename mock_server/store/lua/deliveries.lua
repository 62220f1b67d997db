-- Store.deliveries. Arguments: limit, before (or empty), then names and values of the fields that must be so. Answers how many
-- there are, and the hashes of those asked for.
local limit, before = tonumber(take()), take()
local names, values = {}, {}
while at < #ARGV do
  names[#names + 1], values[#values + 1] = take(), take()
end

local function wanted(name)
  local known = #names > 0 and call('HMGET', name, unpack(names)) or {}
  for each = 1, #names do
    if known[each] ~= values[each] then
      return false
    end
  end
  return true
end

local total, found, reached = 0, {}, before == ''
for _, id in ipairs(call('ZREVRANGE', key(A, 'deliveries'), 0, -1)) do
  local name = key(A, 'd:' .. id)
  if wanted(name) then
    total = total + 1
    if reached and #found < limit then
      found[#found + 1] = call('HGETALL', name)
    end
  end
  reached = reached or id == before
end
return {total, found}
