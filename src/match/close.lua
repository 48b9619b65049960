-- Ends rooms and frees their people, as far as they are still in that room.
-- KEYS people lease rooms log meta instances trending
-- ARGV epoch log_max, then per room: room reason
-- Returns per room 1, or 0 if it was over. Idempotent.
if redis.call('HGET', KEYS[5], 'epoch') ~= ARGV[1] then
  return redis.error_reply('STALE_EPOCH the epoch has passed')
end
local people, lease, rooms, log = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local out = {}
for i = 3, #ARGV, 2 do
  local room = ARGV[i]
  local row = redis.call('HGET', rooms, room)
  if row then
    local a, b = string.match(row, '^([^|]*)|([^|]*)|')
    redis.call('XADD', log, 'MAXLEN', '~', ARGV[2], ARGV[1] .. '-*', 'e',
               table.concat({'E', room, a, b, ARGV[i + 1]}, '|'))
    local seat = 'M|' .. room .. '|'
    local record = redis.call('HMGET', people, a, b)
    for k, uid in ipairs({a, b}) do
      if record[k] and string.sub(record[k], 1, #seat) == seat then
        redis.call('HDEL', people, uid)
        redis.call('ZREM', lease, uid)
      end
    end
    redis.call('HDEL', rooms, room)
  end
  out[#out + 1] = row and 1 or 0
end
return out
