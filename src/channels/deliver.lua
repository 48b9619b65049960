-- Puts one message into each of several inboxes, if there is room.
-- KEYS the inboxes   ARGV expiry_s, then per inbox: capacity, message
-- The score is the server's clock, so that messages of several hosts keep their order.
-- Returns the positions (from 1) of the inboxes that were full.
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
local full = {}
for i, inbox in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', inbox, 0, t[1] - ARGV[1])
  if redis.call('ZCARD', inbox) < tonumber(ARGV[2 * i]) then
    redis.call('ZADD', inbox, string.format('%.6f', now), ARGV[2 * i + 1])
    redis.call('EXPIRE', inbox, ARGV[1])
  else
    full[#full + 1] = i
  end
end
return full
