-- Store.update, after the clock has changed: when deliveries may be taken now, one piece of them. Arguments: the score from which to
-- look, how many to look at. Answers the score from which to go on (empty: none is left).
local bound, most = take(), take()
local oldest_first = call('ZRANGEBYSCORE', key(A, 'deliveries'), bound, '+inf', 'WITHSCORES', 'LIMIT', 0, most)
for each = 1, #oldest_first, 2 do
  local id = oldest_first[each]
  local known = call('HMGET', key(A, 'd:' .. id), 'due', 'away', 'seq')
  if call('ZSCORE', key(A, 'wake'), member(A, id, known[3])) then
    wake(A, id, known[3], wake_time(A, known[1], known[2]))
  end
end
return #oldest_first == 2 * tonumber(most) and '(' .. oldest_first[#oldest_first] or ''
