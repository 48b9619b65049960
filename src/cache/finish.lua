-- Stores what the owner of a lease has loaded, and gives the lease back.
-- KEYS value, its meta key, its lease, then the tags
-- ARGV the owner's token, bytes, lifetime in ms (0: for ever), meta text, then per tag the token it
--      had before the load
-- Returns 1 (stored), 0 (a write or an invalidation came in between), -1 (the lease is not ours).
local holder = redis.call('GET', KEYS[3])
local voided = holder == ARGV[1] .. '!'
if holder ~= ARGV[1] and not voided then return -1 end
redis.call('DEL', KEYS[3])
if voided then return 0 end

local px = tonumber(ARGV[3])
for i = 4, #KEYS do
  if redis.call('GET', KEYS[i]) ~= ARGV[i + 1] then return 0 end
end
if px > 0 then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', px)
  redis.call('SET', KEYS[2], ARGV[4], 'PX', px)
else
  redis.call('SET', KEYS[1], ARGV[2])
  redis.call('SET', KEYS[2], ARGV[4])
end
return 1
