-- Store.release, the deliveries of one account. Arguments: their ids.
for _ = 3, #ARGV do
  local id = take()
  local known = call('HMGET', key(A, 'd:' .. id), 'held', 'due', 'lane', 'seq')
  if known[1] == '1' then
    call('HSET', key(A, 'd:' .. id), 'held', 0, 'away', 0)
    if known[3] == '' or call('HGET', key(A, 'heads'), known[3]) == id then
      wake(A, id, known[4], wake_time(A, known[2], 0))
    end
  end
end
changed()
