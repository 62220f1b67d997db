-- Store.lease_due. Arguments: until (real), lease_until, limit. An empty account means all. Answers the deliveries' hashes.
local till, lease_until, limit = take(), take(), take()
local taken = {}
for _, found in ipairs(call('ZRANGEBYSCORE', A == '' and P .. 'wake' or key(A, 'wake'), '-inf', till, 'LIMIT', 0, limit)) do
  local seq, account, id = string.match(found, '^(%x+):([^:]*):(.*)$')
  call('HSET', key(account, 'd:' .. id), 'held', 0, 'away', lease_until)
  wake(account, id, seq, tonumber(lease_until))
  taken[#taken + 1] = call('HGETALL', key(account, 'd:' .. id))
end
return taken
