-- Store.record. Arguments: provider, kind (or empty), key. Answers version:seq:blob, or nothing.
local provider, kind, name = take(), take(), take()

if kind ~= '' then
  local found = call('HGET', key(A, 'records'), provider .. '\0' .. kind .. '\0' .. name)
  if found then
    return found
  end
end
local of_kind = '^' .. string.rep('%x', 12) .. '%z%Z*%z(%Z*)%z'
for _, space in ipairs(kind == '' and {'k', 'a'} or {'a'}) do
  local prefix = space .. '\0' .. provider .. '\0' .. name .. '\0'
  local skipped = 0
  repeat
    local members = call('ZREVRANGEBYLEX', key(A, 'names'), '[' .. prefix .. '\255', '[' .. prefix, 'LIMIT', skipped, 50)
    for _, found in ipairs(members) do
      local rest = string.sub(found, #prefix + 1)
      if kind == '' or string.match(rest, of_kind) == kind then
        return call('HGET', key(A, 'records'), string.sub(rest, 14))
      end
    end
    skipped = skipped + 50
  until #members == 0
end
return false
