-- Moves a value with its meta text to another key; lifetimes stay. Voids the leases of both.
-- KEYS value, its meta key, its lease, and the same three of the new key
-- Returns 1, or 0 when there is no such value.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('RENAME', KEYS[1], KEYS[4])
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('RENAME', KEYS[2], KEYS[5])
else
  redis.call('UNLINK', KEYS[5])
end
for _, lease in ipairs({KEYS[3], KEYS[6]}) do
  local holder = redis.call('GET', lease)
  if holder and string.sub(holder, -1) ~= '!' then
    redis.call('SET', lease, holder .. '!', 'KEEPTTL')
  end
end
return 1
