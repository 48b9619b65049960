-- Takes over the deliveries whose lease has ended: they get a new name, so that the one they had
-- settles nothing any more, and a lease of the caller.
-- KEYS held leases, taken: when which delivery was taken over, for an hour; unacked unacked_index
--      mirrored: what is in there and in `unacked` no more was given to somebody by Celery, and is
--      only forgotten here; swept: there while somebody sweeps, since when leases may be taken over
-- ARGV owner first lease_ms limit
-- Returns list and envelope of each, oldest lease first: now <owner>.<first>, <owner>.<first + 1>, ...
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local number = tonumber(ARGV[2])
local out = {}

-- When nobody has swept for three fifths of a lease, Redis may have stood still: leases have ended
-- whose holders live and could not renew them. They get a third of a lease to do it.
local quiet = math.floor(ARGV[3] * 3 / 5)
local since = redis.call('GET', KEYS[7])
if since then
  redis.call('PEXPIRE', KEYS[7], quiet)
else
  since = now + math.floor(ARGV[3] / 3)
  redis.call('DEL', KEYS[7])  -- After it, SET is let through though Redis is full; see renew.lua.
  redis.call('SET', KEYS[7], string.format('%.0f', since), 'PX', quiet)
end
if now < tonumber(since) then return out end

local ended = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, ARGV[4])
if #ended > 0 then redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 3600000) end
for _, old in ipairs(ended) do
  local record = redis.call('HGET', KEYS[1], old)
  redis.call('ZREM', KEYS[2], old)
  redis.call('HDEL', KEYS[1], old)
  redis.call('ZADD', KEYS[3], now, old)
  local restored = redis.call('SREM', KEYS[6], old) == 1 and redis.call('HDEL', KEYS[4], old) == 0
  redis.call('ZREM', KEYS[5], old)
  if record and not restored then
    local delivery = ARGV[1] .. '.' .. string.format('%.0f', number)
    redis.call('HSET', KEYS[1], delivery, record)
    redis.call('ZADD', KEYS[2], now + ARGV[3], delivery)
    local list, envelope = string.match(record, '^([^\n]*)\n(.*)$')
    out[#out + 1] = list
    out[#out + 1] = envelope
    number = number + 1
  end
end
if #ended > 0 then redis.call('PEXPIRE', KEYS[3], 3600000) end
return out
