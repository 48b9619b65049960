-- A process says that it lives and renews the leases of some of its people.
-- KEYS people lease rooms log meta instances trending
-- ARGV epoch log_max instance lease_ms uid ...
-- Returns the server's time in milliseconds.
if redis.call('HGET', KEYS[5], 'epoch') ~= ARGV[1] then
  return redis.error_reply('STALE_EPOCH the epoch has passed')
end
local lease, log, instances = KEYS[2], KEYS[4], KEYS[6]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('XADD', log, 'MAXLEN', '~', ARGV[2], ARGV[1] .. '-*', 'e',
           table.concat({'B', ARGV[3], string.format('%.0f', now)}, '|'))
redis.call('ZADD', instances, now, ARGV[3])
redis.call('ZREMRANGEBYSCORE', instances, '-inf', now - 3600000)
local deadline = now + ARGV[4]
for i = 5, #ARGV do redis.call('ZADD', lease, 'XX', deadline, ARGV[i]) end
return now
