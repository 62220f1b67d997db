-- Store.reset.
for _, kind in ipairs(call('SMEMBERS', key(A, 'kinds'))) do
  call('UNLINK', key(A, 'claims:' .. kind), key(A, 'expiry:' .. kind))
end
for _, id in ipairs(call('ZRANGE', key(A, 'deliveries'), 0, -1)) do
  local name = key(A, 'd:' .. id)
  local lane, reference, request = unpack(call('HMGET', name, 'lane', 'reference', 'request_id'))
  call('UNLINK', name, key(A, 'lane:' .. lane), key(A, 'reference:' .. reference), key(A, 'request:' .. request))
end
for _, group in ipairs(call('SMEMBERS', key(A, 'groups'))) do
  call('UNLINK', key(A, 'group:' .. group))
end
for _, waiting in ipairs(call('ZRANGE', key(A, 'wake'), 0, -1)) do
  call('ZREM', P .. 'wake', waiting)
end
for _, what in ipairs({'state', 'kinds', 'sequence', 'records', 'order', 'names', 'named', 'steps', 'counters', 'rate_counters', 'counts',
  'record_bytes', 'deliveries', 'groups', 'finished', 'finished_bytes', 'heads', 'wake'}) do
  call('UNLINK', key(A, what))
end
empty_journal(A)
call('SREM', P .. 'accounts', A)
changed()
