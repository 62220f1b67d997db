-- Store.increment. Arguments: name, expires, now. Answers the new value.
local name, expires, now = take(), take(), tonumber(take())
local rate_counters = key(A, 'rate_counters')

local function read(counter)
  local value, ends = string.match(counter, '^(%d+):(.*)$')
  return tonumber(value), ends
end

local known = call('HGET', rate_counters, name)
local value = 0
if known then
  local count, ends = read(known)
  if tonumber(ends) > now then
    value, expires = count, ends
  end
end
if value == 0 then
  local all = call('HGETALL', rate_counters)
  for each = 1, #all, 2 do
    local _, ends = read(all[each + 1])
    if tonumber(ends) <= now then
      call('HDEL', rate_counters, all[each])
    end
  end
end
call('HSET', rate_counters, name, (value + 1) .. ':' .. expires)
call('SADD', P .. 'accounts', A)
return value + 1
