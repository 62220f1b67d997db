-- The journal of an account, newest first. Arguments: first and last place in it.
local found = {}
for _, id in ipairs(call('LRANGE', key(A, 'journal'), take(), take())) do
  found[#found + 1] = call('HGET', key(A, 'entries'), id)
end
return found
