-- Takes pairs out of the pool, each all or nothing: both people must still have the ticket that the
-- search saw. Writes the room and counts the shared interests.
-- KEYS people lease rooms log meta instances trending
-- ARGV epoch log_max ack_ms trending_ttl_s, then per pair: a ver_a b ver_b room shared
-- Returns per pair the claim id, or 0 to 3: bit 0 a was free, bit 1 b was free.
if redis.call('HGET', KEYS[5], 'epoch') ~= ARGV[1] then
  return redis.error_reply('STALE_EPOCH the epoch has passed')
end
local people, lease, rooms, log, trending = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[7]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local deadline = now + ARGV[3]
local created = string.format('%.0f', now)

local who = {}
for i = 5, #ARGV, 6 do
  who[#who + 1] = ARGV[i]
  who[#who + 1] = ARGV[i + 2]
end
local record = redis.call('HMGET', people, unpack(who))

local taken, count = {}, {}
local changes, renewals, rows, out = {}, {}, {}, {}
for k = 1, #who / 2 do
  local i = 6 * k - 1
  local a, b, room, shared = ARGV[i], ARGV[i + 2], ARGV[i + 4], ARGV[i + 5]
  local record_a, record_b = record[2 * k - 1], record[2 * k]
  local head_a, head_b = 'A|' .. ARGV[i + 1] .. '|', 'A|' .. ARGV[i + 3] .. '|'
  local free_a = record_a and not taken[a] and string.sub(record_a, 1, #head_a) == head_a
  local free_b = record_b and not taken[b] and string.sub(record_b, 1, #head_b) == head_b
  if free_a and free_b and a ~= b then
    local instance_a, session_a = string.match(record_a, '^([^|]*)|(%d+)', #head_a + 1)
    local instance_b, session_b = string.match(record_b, '^([^|]*)|(%d+)', #head_b + 1)
    local id = redis.call('XADD', log, 'MAXLEN', '~', ARGV[2], ARGV[1] .. '-*', 'e',
                          table.concat({'C', room, a, b, instance_a, instance_b, shared}, '|'))
    taken[a], taken[b] = true, true
    changes[#changes + 1] = a
    changes[#changes + 1] = table.concat({'M', room, instance_a, session_a, b, id}, '|')
    changes[#changes + 1] = b
    changes[#changes + 1] = table.concat({'M', room, instance_b, session_b, a, id}, '|')
    for _, uid in ipairs({a, b}) do
      renewals[#renewals + 1] = deadline
      renewals[#renewals + 1] = uid
    end
    rows[#rows + 1] = room
    rows[#rows + 1] = table.concat({a, b, id, created, shared}, '|')
    for slug in string.gmatch(shared, '[^,]+') do count[slug] = (count[slug] or 0) + 1 end
    out[k] = id
  else
    out[k] = (free_a and 1 or 0) + (free_b and 2 or 0)
  end
end
if #changes > 0 then
  redis.call('HSET', people, unpack(changes))
  redis.call('ZADD', lease, unpack(renewals))
  redis.call('HSET', rooms, unpack(rows))
  for slug, n in pairs(count) do redis.call('ZINCRBY', trending, n, slug) end
  if next(count) then redis.call('EXPIRE', trending, ARGV[4]) end
end
return out
