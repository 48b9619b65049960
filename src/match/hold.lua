-- Holds a ticket (A to H: keeps its place, cannot be claimed) or releases it (H to A).
-- KEYS people lease rooms log meta instances trending
-- ARGV epoch log_max uid ver from to lease_ms
-- Returns 1, or 0 if it is not that ticket. Idempotent: 1 again when it is in that state already.
if redis.call('HGET', KEYS[5], 'epoch') ~= ARGV[1] then
  return redis.error_reply('STALE_EPOCH the epoch has passed')
end
local people, lease, log = KEYS[1], KEYS[2], KEYS[4]
local uid, ver, from, to = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local old = redis.call('HGET', people, uid)
if not old then return 0 end
local rest = '|' .. ver .. '|'
if string.sub(old, 2, #rest + 1) ~= rest then return 0 end
local state = string.sub(old, 1, 1)
if state ~= from and state ~= to then return 0 end
if state == from then
  redis.call('XADD', log, 'MAXLEN', '~', ARGV[2], ARGV[1] .. '-*', 'e',
             table.concat({to == 'H' and 'H' or 'U', uid, ver}, '|'))
  redis.call('HSET', people, uid, to .. string.sub(old, 2))
end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZADD', lease, now + ARGV[7], uid)
return 1
