-- The journal of an account, newest first. Arguments: first and last place in it, an id, then texts: only entries with this id or
-- with all of the texts in them are answered.
local first, last, always = take(), take(), take()
local found = {}
for _, id in ipairs(call('LRANGE', key(A, 'journal'), first, last)) do
  local blob = call('HGET', key(A, 'entries'), id)
  local likely = true
  for text_at = at + 1, #ARGV do
    likely = likely and string.find(blob, ARGV[text_at], 1, true) ~= nil
  end
  if likely or id == always then
    found[#found + 1] = blob
  end
end
return found
