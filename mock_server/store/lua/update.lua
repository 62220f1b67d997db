-- Store.update. Arguments: the generation that was read, blob, frozen (or empty), offset. Answers the new generation, or nothing
-- when another change came first.
local before, blob, frozen, offset = take(), take(), take(), take()
if (call('HGET', key(A, 'state'), 'generation') or '0') ~= before then
  return false
end
-- One count for all accounts: a generation never comes back with another content, not even after a reset.
local generation = call('INCR', P .. 'generation')
call('HSET', key(A, 'state'), 'blob', blob, 'generation', generation, 'frozen', frozen, 'offset', offset)
changed(A)
return generation
