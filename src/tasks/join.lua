-- Fills a place in a chord, as Celery does.
-- KEYS <group>.j, .t, .s   ARGV index, what the part leaves (JSON [1, id, state, result]), life in ms
-- .j is a list if a part was there before whose Celery does not keep them in order.
-- Returns all parts, in order if it is known, when none is missing, else nothing.
local function id_of(member)
  local ok, fields = pcall(cjson.decode, member)
  return ok and type(fields) == 'table' and fields[2]
end

local index, id = ARGV[1], id_of(ARGV[2])
local is_list = redis.call('TYPE', KEYS[1]).ok == 'list'
local here = is_list and redis.call('LRANGE', KEYS[1], 0, -1)
  or redis.call('ZRANGEBYSCORE', KEYS[1], index, index)
for _, member in ipairs(here) do
  if id_of(member) == id then  -- Of an attempt before.
    if is_list then redis.call('LREM', KEYS[1], 1, member) else redis.call('ZREM', KEYS[1], member) end
  end
end
if is_list then redis.call('RPUSH', KEYS[1], ARGV[2]) else redis.call('ZADD', KEYS[1], index, ARGV[2]) end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[3]) end
local size = redis.call('GET', KEYS[3])
if not size then return {} end
local extra = redis.call('GET', KEYS[2]) or 0
if redis.call(is_list and 'LLEN' or 'ZCARD', KEYS[1]) ~= size + extra then return {} end
return redis.call(is_list and 'LRANGE' or 'ZRANGE', KEYS[1], 0, -1)
