-- Moves what is due from the timers to its list.
-- KEYS timers timed   ARGV limit
-- Returns how many were moved.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, timer in ipairs(due) do
  local record = redis.call('HGET', KEYS[2], timer)
  redis.call('ZREM', KEYS[1], timer)
  redis.call('HDEL', KEYS[2], timer)
  if record then
    local list, envelope = string.match(record, '^([^\n]*)\n(.*)$')
    redis.call('LPUSH', list, envelope)
  end
end
return #due
