-- Store.deliveries where a text is sought, one piece of the way. Arguments: the score from which to look (or +inf), how many to
-- look at, scenario as it stands in a message, text in lower case, then names and values of the fields that must be so. Answers the score from which to go on
-- (empty: none is left), and the hashes of those that may be meant. Redis answers others between two pieces.
local bound, most, scenario, text_sought = take(), take(), take(), take()
local names, values = {}, {}
while at < #ARGV do
  names[#names + 1], values[#values + 1] = take(), take()
end

-- Lua puts ASCII into lower case only; two other letters become ASCII there: the Kelvin sign and the dotted capital I.
local function mentions(blob)
  return string.find(string.lower(blob), text_sought, 1, true) or string.find(blob, '\226\132\170', 1, true)
    or string.find(blob, '\196\176', 1, true)
end

local newest_first = call('ZREVRANGEBYSCORE', key(A, 'deliveries'), bound, '-inf', 'WITHSCORES', 'LIMIT', 0, most)
local found = {}
for each = 1, #newest_first, 2 do
  local name = key(A, 'd:' .. newest_first[each])
  local known = call('HMGET', name, 'message', unpack(names))
  local selected = string.find(known[1], scenario, 1, true) and mentions(known[1])
  for field = 1, #names do
    selected = selected and known[field + 1] == values[field]
  end
  if selected then
    found[#found + 1] = call('HGETALL', name)
  end
end
return {#newest_first == 2 * tonumber(most) and '(' .. newest_first[#newest_first] or '', found}
