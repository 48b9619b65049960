-- Removes tickets of a process that died, as far as they are still the same.
-- KEYS people lease rooms log meta instances trending
-- ARGV epoch log_max reason, then per ticket: uid ver
-- Returns how many were removed. Idempotent.
if redis.call('HGET', KEYS[5], 'epoch') ~= ARGV[1] then
  return redis.error_reply('STALE_EPOCH the epoch has passed')
end
local people, lease, log = KEYS[1], KEYS[2], KEYS[4]
local removed = 0
for i = 4, #ARGV, 2 do
  local uid, ver = ARGV[i], ARGV[i + 1]
  local record = redis.call('HGET', people, uid)
  if record then
    local state, held_ver = string.match(record, '^(%a)|([^|]*)|')
    if (state == 'A' or state == 'H') and held_ver == ver then
      redis.call('XADD', log, 'MAXLEN', '~', ARGV[2], ARGV[1] .. '-*', 'e',
                 table.concat({'L', uid, ver, ARGV[3]}, '|'))
      redis.call('HDEL', people, uid)
      redis.call('ZREM', lease, uid)
      removed = removed + 1
    end
  end
end
return removed
