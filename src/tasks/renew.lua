-- Renews leases.
-- KEYS leases revoked unacked_index   ARGV lease_ms, then delivery and task id of each
-- What is in unacked_index has the time since when nobody gave a sign; Celery looks at it.
-- Returns for each: 1 renewed, 2 renewed and the task is revoked, 0 somebody else has it.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
-- A script that has written may go on when Redis is full, and ZADD could not begin: without their
-- leases, tasks that run would be taken over.
redis.call('ZREM', KEYS[1], '')
local any_revoked = redis.call('EXISTS', KEYS[2]) == 1
local out = {}
for i = 2, #ARGV, 2 do
  local state = 0
  if redis.call('ZSCORE', KEYS[1], ARGV[i]) then
    redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i])
    redis.call('ZADD', KEYS[3], 'XX', string.format('%.3f', now / 1000), ARGV[i])
    local revoked = any_revoked and redis.call('ZSCORE', KEYS[2], ARGV[i + 1])
    state = revoked and tonumber(revoked) > now and 2 or 1
  end
  out[#out + 1] = state
end
return out
