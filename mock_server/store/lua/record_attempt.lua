-- Store.record_attempt. Arguments: id, attempt (packed, or empty), state, due, turn, limit of finished deliveries, and of their bytes.
local id, attempt, state, due, turn, limit, most = take(), take(), take(), take(), take(), take(), take()
local name = key(A, 'd:' .. id)
local known = call('HMGET', name, 'state', 'due')
if not known[1] then
  changed()
  return
end
if attempt ~= '' then
  call('HSET', name, 'attempt:' .. call('HINCRBY', name, 'attempts', 1), attempt)
end
call('HSET', name, 'turn', turn)
if state == 'pending' and known[1] ~= 'pending' then
  state = known[1]
end
put(A, id, state, state == 'pending' and due or known[2], '0', limit, most)
changed(A)
