-- Ends a delivery, in one step with all that follows from it.
-- KEYS held leases timers timed dead buried, result and done-marker of the task, taken,
--      unacked unacked_index mirrored
-- ARGV 1 delivery
--      2 what becomes of the message: ack, back (to the head of its list), later (a timer), bury
--      3 its list   4 its envelope
--      5 later: due, in ms; bury: how many dead letters are kept
--      6 bury: the reason, as one line
--      7 the result or nothing   8 its life in ms
--      9 life of the done-marker in ms, or 0
--      10 how many messages to enqueue   11 how many chords are complete
--      Then of each chord the front of its keys, which are forgotten; of each message list,
--      envelope and, when it is only for the first who completes one of the chords, that; then
--      keys and what else is stored like the result.
-- Returns 1. Else nothing happens: 0 when somebody took the delivery over (see sweep.lua), -1 when
-- nobody did, so that it was settled before or Redis has forgotten it.
-- An error, before anything is changed, when a list is something else.
local delivery, fate, list, envelope = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local chords = 11 + ARGV[11]
local messages = chords + 3 * ARGV[10]

local lists = fate == 'back' and {list} or {}
for i = chords + 1, messages, 3 do lists[#lists + 1] = ARGV[i] end
for _, key in ipairs(lists) do
  local kind = redis.call('TYPE', key).ok
  if kind ~= 'list' and kind ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. key .. ' is no list')
  end
end

if redis.call('ZREM', KEYS[2], delivery) == 0 then
  return redis.call('ZSCORE', KEYS[9], delivery) and 0 or -1
end
redis.call('HDEL', KEYS[1], delivery)
if redis.call('SREM', KEYS[12], delivery) == 1 then
  redis.call('HDEL', KEYS[10], delivery)
  redis.call('ZREM', KEYS[11], delivery)
end

if fate == 'back' then
  redis.call('RPUSH', list, envelope)
elseif fate == 'later' then
  redis.call('ZADD', KEYS[3], ARGV[5], delivery)
  redis.call('HSET', KEYS[4], delivery, list .. '\n' .. envelope)
elseif fate == 'bury' then
  local t = redis.call('TIME')
  redis.call('ZADD', KEYS[5], t[1] * 1000 + math.floor(t[2] / 1000), delivery)
  redis.call('HSET', KEYS[6], delivery, ARGV[6] .. '\n' .. list .. '\n' .. envelope)
  local excess = redis.call('ZCARD', KEYS[5]) - ARGV[5]
  if excess > 0 then
    local oldest = redis.call('ZRANGE', KEYS[5], 0, math.min(excess, 1000) - 1)
    redis.call('ZREM', KEYS[5], unpack(oldest))
    redis.call('HDEL', KEYS[6], unpack(oldest))
  end
end

-- As Celery does, a success is never overwritten.
local function succeeded(key)
  if redis.call('TYPE', key).ok ~= 'string' then return false end
  local before = redis.call('GET', key)
  local ok, stored = pcall(cjson.decode, before)
  return ok and type(stored) == 'table' and stored.status == 'SUCCESS'
end

local function store(key, value)
  if succeeded(key) then return end
  redis.call('SET', key, value, 'PX', ARGV[8])
  redis.call('PUBLISH', key, value)
end

if ARGV[7] ~= '' then store(KEYS[7], ARGV[7]) end
if ARGV[9] ~= '0' then redis.call('SET', KEYS[8], '1', 'PX', ARGV[9]) end
for i = messages + 1, #ARGV, 2 do store(ARGV[i], ARGV[i + 1]) end
local open = {[''] = true}
for i = 12, chords do
  open[ARGV[i]] = redis.call('DEL', ARGV[i] .. '.j') == 1
  redis.call('DEL', ARGV[i] .. '.t', ARGV[i] .. '.s')
end
for i = chords + 1, messages, 3 do
  if open[ARGV[i + 2]] then redis.call('LPUSH', ARGV[i], ARGV[i + 1]) end
end
return 1
