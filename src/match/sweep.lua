-- Ends what is past its lease: tickets, rooms, fences.
-- KEYS people lease rooms log meta instances trending
-- ARGV epoch log_max limit
-- Returns how many leases were due, at most limit.
if redis.call('HGET', KEYS[5], 'epoch') ~= ARGV[1] then
  return redis.error_reply('STALE_EPOCH the epoch has passed')
end
local people, lease, rooms, log = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

local function note(...)
  redis.call('XADD', log, 'MAXLEN', '~', ARGV[2], ARGV[1] .. '-*', 'e', table.concat({...}, '|'))
end

local function free(uid, room)
  local record = redis.call('HGET', people, uid)
  local seat = 'M|' .. room .. '|'
  if record and string.sub(record, 1, #seat) == seat then
    redis.call('HDEL', people, uid)
    redis.call('ZREM', lease, uid)
  end
end

local due = redis.call('ZRANGEBYSCORE', lease, '-inf', now, 'LIMIT', 0, ARGV[3])
for _, uid in ipairs(due) do
  local record = redis.call('HGET', people, uid)
  if record then
    local state, second, _, _, peer =
      string.match(record, '^(%a)|([^|]*)|([^|]*)|(%d*)|([^|]*)')
    if state == 'M' then
      local a, b = uid, peer
      local row = redis.call('HGET', rooms, second)
      if row then a, b = string.match(row, '^([^|]*)|([^|]*)|') end
      note('E', second, a, b, 'expired')
      free(a, second)
      free(b, second)
      redis.call('HDEL', rooms, second)
    elseif state ~= 'F' then
      note('L', uid, second, 'expired')
    end
  end
  redis.call('HDEL', people, uid)
  redis.call('ZREM', lease, uid)
end
return #due
