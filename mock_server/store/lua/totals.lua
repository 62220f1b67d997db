-- Store.totals, of this account and those that the arguments name. Answers counters and amounts, then states and numbers of callbacks.
local counters, states = {}, {}
for each = 2, #ARGV do
  local account = ARGV[each]
  local known = call('HGETALL', key(account, 'counters'))
  for field = 1, #known, 2 do
    counters[known[field]] = (counters[known[field]] or 0) + tonumber(known[field + 1])
  end
  for _, group in ipairs(call('SMEMBERS', key(account, 'groups'))) do
    local state, kind = string.match(group, '^%Z*%z%Z*%z(%Z*)%z(%Z*)$')
    if kind == 'callback' then
      states[state] = (states[state] or 0) + call('ZCARD', key(account, 'group:' .. group))
    end
  end
end
local function flat(sums)
  local found = {}
  for name, sum in pairs(sums) do
    found[#found + 1], found[#found + 2] = name, text(sum)
  end
  return found
end
return {flat(counters), flat(states)}
