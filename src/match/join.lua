-- Puts people into the pool, or replaces their tickets. Somebody in a room stays there and is only
-- taken over by the new socket.
-- KEYS people lease rooms log meta instances trending
-- ARGV epoch log_max instance lease_ms, then per person: uid session t0 attrs interests (t0 0: now)
-- Returns per person {'ok', ver, t0}, {'room', room, peer} or {'stale', session}. Idempotent, but
-- that a repeated join gets a new version.
if redis.call('HGET', KEYS[5], 'epoch') ~= ARGV[1] then
  return redis.error_reply('STALE_EPOCH the epoch has passed')
end
local people, lease, log = KEYS[1], KEYS[2], KEYS[4]
local instance = ARGV[3]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local deadline = now + ARGV[4]

local who = {}
for i = 5, #ARGV, 5 do who[#who + 1] = ARGV[i] end
local found = redis.call('HMGET', people, unpack(who))
local record = {}  -- By person, as this batch leaves it: somebody may be in it twice.
for k = 1, #who do record[who[k]] = found[k] end

local changes, renewals, out = {}, {}, {}
for k = 1, #who do
  local i = 5 * k
  local uid, session, t0 = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local state, room, held_by, peer, claim_id, _
  if record[uid] then
    state, room, _, held_by, peer, claim_id =
      string.match(record[uid], '^(%a)|([^|]*)|([^|]*)|(%d*)|([^|]*)|?([^|]*)')
  end
  if held_by and tonumber(held_by) > tonumber(session) then
    out[k] = {'stale', held_by}
  else
    if state == 'M' then
      record[uid] = table.concat({'M', room, instance, session, peer, claim_id}, '|')
      out[k] = {'room', room, peer}
    else
      if t0 == '0' then t0 = string.format('%.0f', now) end
      local rest = table.concat({instance, session, t0, ARGV[i + 3], ARGV[i + 4]}, '|')
      local ver = redis.call('XADD', log, 'MAXLEN', '~', ARGV[2], ARGV[1] .. '-*', 'e',
                             'J|' .. uid .. '|' .. rest)
      record[uid] = 'A|' .. ver .. '|' .. rest
      out[k] = {'ok', ver, t0}
    end
    changes[#changes + 1] = uid
    changes[#changes + 1] = record[uid]
    renewals[#renewals + 1] = deadline
    renewals[#renewals + 1] = uid
  end
end
if #changes > 0 then
  redis.call('HSET', people, unpack(changes))
  redis.call('ZADD', lease, unpack(renewals))
end
return out
