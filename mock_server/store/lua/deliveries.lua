-- The deliveries of an account, newest first.
local found = {}
for _, id in ipairs(call('ZREVRANGE', key(A, 'deliveries'), 0, -1)) do
  found[#found + 1] = call('HGETALL', key(A, 'd:' .. id))
end
return found
