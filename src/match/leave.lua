-- Takes somebody's ticket out of the pool; with fence_ms > 0 also refuses joins with an older session
-- number for that long. Whoever sits in a room stays there.
-- KEYS people lease rooms log meta instances trending
-- ARGV epoch log_max uid session reason fence_ms
-- Returns {'ok'}, {'none'}, {'room', room} or {'stale', session}. Idempotent.
if redis.call('HGET', KEYS[5], 'epoch') ~= ARGV[1] then
  return redis.error_reply('STALE_EPOCH the epoch has passed')
end
local people, lease, log = KEYS[1], KEYS[2], KEYS[4]
local uid, session, fence_ms = ARGV[3], ARGV[4], tonumber(ARGV[6])
local old = redis.call('HGET', people, uid)
local state, second, held_by, _
if old then
  state, second, _, held_by = string.match(old, '^(%a)|([^|]*)|([^|]*)|(%d*)')
  if tonumber(held_by) > tonumber(session) then return {'stale', held_by} end
  if state == 'M' then return {'room', second} end
end
local had_ticket = state == 'A' or state == 'H'
if had_ticket then
  redis.call('XADD', log, 'MAXLEN', '~', ARGV[2], ARGV[1] .. '-*', 'e',
             table.concat({'L', uid, second, ARGV[5]}, '|'))
end
if fence_ms > 0 then
  local t = redis.call('TIME')
  local now = t[1] * 1000 + math.floor(t[2] / 1000)
  redis.call('HSET', people, uid, 'F|||' .. session .. '|')
  redis.call('ZADD', lease, now + fence_ms, uid)
elseif had_ticket then
  redis.call('HDEL', people, uid)
  redis.call('ZREM', lease, uid)
end
if had_ticket then return {'ok'} end
return {'none'}
