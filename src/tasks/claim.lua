-- Takes messages from queues, lower steps first, and holds each under a lease.
-- KEYS held leases revoked timers unacked unacked_index mirrored, then lists: step by step, in each step the queues in the same order
-- ARGV owner first lease_ms limit, 1 if Python's workers share the queues, then for each queue how
-- many it may give. What is shared is noted in `unacked`, too, as Celery does, by its delivery's
-- name; `mirrored` has those names.
-- Returns the time in us, how many ids are revoked, when the next timer is due (-1: there is none),
-- then list and envelope of each message. They are held as <owner>.<first>, <owner>.<first + 1>, ...
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local number, left, queues = tonumber(ARGV[2]), tonumber(ARGV[4]), #ARGV - 5
local room, records, leases = {}, {}, {}
for i = 1, queues do room[i] = tonumber(ARGV[5 + i]) end

local timer = redis.call('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES')
local revoked = redis.call('ZCOUNT', KEYS[3], string.format('(%.0f', now), '+inf')
local out = {t[1] * 1000000 + t[2], revoked, tonumber(timer[2] or -1)}
local function mirror(delivery, list, envelope)
  local ok, message = pcall(cjson.decode, envelope)
  local properties = ok and type(message) == 'table' and message.properties
  if type(properties) ~= 'table' then return end  -- It would end the worker that restores it.
  local info = type(properties.delivery_info) == 'table' and properties.delivery_info or {}
  local exchange = type(info.exchange) == 'string' and info.exchange or ''
  local key = type(info.routing_key) == 'string' and info.routing_key
    or string.match(list, '^(.-)\6\22%d$') or list
  redis.call('HSET', KEYS[5], delivery,
    '[' .. envelope .. ', ' .. cjson.encode(exchange) .. ', ' .. cjson.encode(key) .. ']')
  redis.call('ZADD', KEYS[6], string.format('%.3f', now / 1000), delivery)
  redis.call('SADD', KEYS[7], delivery)
end

for i = 8, #KEYS do
  local queue = (i - 8) % queues + 1
  local count = math.min(left, room[queue])
  local taken = count > 0 and redis.call('RPOP', KEYS[i], count) or {}
  for _, envelope in ipairs(taken) do
    local delivery = ARGV[1] .. '.' .. string.format('%.0f', number)
    records[#records + 1] = delivery
    records[#records + 1] = KEYS[i] .. '\n' .. envelope
    leases[#leases + 1] = now + ARGV[3]
    leases[#leases + 1] = delivery
    if ARGV[5] == '1' then mirror(delivery, KEYS[i], envelope) end
    out[#out + 1] = KEYS[i]
    out[#out + 1] = envelope
    number = number + 1
  end
  room[queue] = room[queue] - #taken
  left = left - #taken
end
if #records > 0 then
  redis.call('HSET', KEYS[1], unpack(records))
  redis.call('ZADD', KEYS[2], unpack(leases))
end
return out
