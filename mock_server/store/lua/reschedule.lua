-- Store.reschedule. Arguments: due, state, limit of finished deliveries, and of their bytes, then ids. A lease lasts on, or two workers would send it.
local due, state, limit, most = take(), take(), take(), take()
for _ = 7, #ARGV do
  local id = take()
  local known = call('HMGET', key(A, 'd:' .. id), 'held', 'away')
  if known[1] then
    local lease = (known[1] == '0' and state == 'pending') and known[2] or '0'
    put(A, id, state, due, lease, limit, most)
  end
end
changed()
