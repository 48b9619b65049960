-- Takes, renews or gives up the lease of the one scheduler that enqueues.
-- KEYS leader: a hash of owner, token (greater with each change of owner) and until (ms)
-- ARGV owner, lease in ms (0: gives it up), now in ms (0: the server's clock; a value only in tests)
-- Returns the token, 0 when another one has the lease; now in ms; ms until the lease ends
local now = tonumber(ARGV[3])
if now == 0 then
  local t = redis.call('TIME')
  now = t[1] * 1000 + math.floor(t[2] / 1000)
end
local leader = redis.call('HMGET', KEYS[1], 'owner', 'token', 'until')
local mine = leader[1] == ARGV[1]
local left = tonumber(leader[3] or 0) - now
if not mine and left > 0 then return {0, now, left} end

local lease = tonumber(ARGV[2])
if lease == 0 then
  if mine then redis.call('HSET', KEYS[1], 'until', 0) end
  return {0, now, 0}
end
local token = tonumber(leader[2] or 0)
if not mine then token = token + 1 end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'token', token,
  'until', string.format('%.0f', now + lease))
return {token, now, lease}
