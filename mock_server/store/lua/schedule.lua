-- Store.schedule, the messages of one account. Arguments: their number, then those of store() for each.
for _ = 1, tonumber(take()) do
  store(A, '0')
end
changed(A)
