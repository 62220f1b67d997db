-- Store.reset.
for _, kind in ipairs(call('SMEMBERS', key(A, 'kinds'))) do
  call('UNLINK', key(A, 'claims:' .. kind), key(A, 'expiry:' .. kind))
end
for _, id in ipairs(call('ZRANGE', key(A, 'deliveries'), 0, -1)) do
  local name = key(A, 'd:' .. id)
  local lane = call('HGET', name, 'lane')
  call('UNLINK', name, key(A, 'lane:' .. (lane or '')))
end
for _, waiting in ipairs(call('ZRANGE', key(A, 'wake'), 0, -1)) do
  call('ZREM', P .. 'wake', waiting)
end
for _, what in ipairs({'state', 'kinds', 'sequence', 'records', 'order', 'names', 'named', 'steps', 'tallies', 'counters', 'counts',
  'entries', 'journal', 'deliveries', 'finished', 'heads', 'wake'}) do
  call('UNLINK', key(A, what))
end
call('SREM', P .. 'accounts', A)
changed()
