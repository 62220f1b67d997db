-- Store.reset, one piece of the deliveries. Argument: how many. Answers whether there may be more.
local most = tonumber(take())
local ids = call('ZRANGE', key(A, 'deliveries'), 0, most - 1)
call('UNLINK', key(A, 'finished'), key(A, 'finished_bytes'))
for _, id in ipairs(ids) do
  local name = key(A, 'd:' .. id)
  local state, seq, lane = unpack(call('HMGET', name, 'state', 'seq', 'lane'))
  index(A, id, nil, state)
  wake(A, id, seq, nil)
  call('UNLINK', name, key(A, 'lane:' .. lane))
  call('HDEL', key(A, 'heads'), lane)
  call('ZREM', key(A, 'deliveries'), id)
end
return #ids == most and 1 or 0
