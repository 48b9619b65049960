-- Puts somebody back into a room after a fail-over that lost the claim. Both hosts do it, each for
-- its own person; the first one writes the room.
-- KEYS people lease rooms log meta instances trending
-- ARGV epoch log_max lease_ms uid instance session room peer claim_id shared
-- Returns {'ok'}, {'room', other room} or {'stale', session}. Idempotent.
if redis.call('HGET', KEYS[5], 'epoch') ~= ARGV[1] then
  return redis.error_reply('STALE_EPOCH the epoch has passed')
end
local people, lease, rooms, log = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local uid, instance, session, room = ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local peer, claim_id, shared = ARGV[8], ARGV[9], ARGV[10]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

local old = redis.call('HGET', people, uid)
local seated = false
if old then
  local state, second, _, held_by = string.match(old, '^(%a)|([^|]*)|([^|]*)|(%d*)')
  if state == 'M' and second ~= room then return {'room', second} end
  if tonumber(held_by) > tonumber(session) then return {'stale', held_by} end
  seated = state == 'M'
end
if not seated then
  redis.call('XADD', log, 'MAXLEN', '~', ARGV[2], ARGV[1] .. '-*', 'e',
             table.concat({'S', uid, room, peer, claim_id, shared}, '|'))
end
redis.call('HSET', people, uid, table.concat({'M', room, instance, session, peer, claim_id}, '|'))
redis.call('ZADD', lease, now + ARGV[3], uid)
local a, b = uid, peer
if b < a then a, b = b, a end
redis.call('HSETNX', rooms, room,
           table.concat({a, b, claim_id, string.format('%.0f', now), shared}, '|'))
return {'ok'}
