-- Store.next_due, one piece of the deliveries. Arguments: the score from which to look, how many to look at, a time. Answers the score
-- from which to go on (empty: none is left), and the earliest due time after that time (empty: none).
local bound, most, after = take(), take(), tonumber(take())
local oldest_first = call('ZRANGEBYSCORE', key(A, 'deliveries'), bound, '+inf', 'WITHSCORES', 'LIMIT', 0, most)
local soonest = math.huge
for each = 1, #oldest_first, 2 do
  local known = call('HMGET', key(A, 'd:' .. oldest_first[each]), 'state', 'held', 'due')
  local due = tonumber(known[3])
  if known[1] == 'pending' and known[2] == '0' and due > after and due < soonest then
    soonest = due
  end
end
return {#oldest_first == 2 * tonumber(most) and '(' .. oldest_first[#oldest_first] or '', soonest < math.huge and text(soonest) or ''}
