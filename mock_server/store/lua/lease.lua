-- Store.lease_due. Arguments: until (real), lease_until, limit. An empty account means all. Answers the deliveries' hashes.
local till, lease_until, limit = take(), take(), take()
local taken = {}
for _, found in ipairs(call('ZRANGEBYSCORE', A == '' and P .. 'wake' or key(A, 'wake'), '-inf', till, 'LIMIT', 0, limit)) do
  local seq, account, id = string.match(found, '^(%x+):([^:]*):(.*)$')
  local name = key(account, 'd:' .. id)
  local known = call('HMGET', name, 'due', 'away')
  local when = known[1] and wake_time(account, known[1], known[2])
  -- The account's clock may have changed, and rewake has not come to this one yet.
  if not when or when > tonumber(till) then
    wake(account, id, seq, when)
  else
    call('HSET', name, 'held', 0, 'away', lease_until)
    wake(account, id, seq, tonumber(lease_until))
    taken[#taken + 1] = call('HGETALL', name)
  end
end
return taken
