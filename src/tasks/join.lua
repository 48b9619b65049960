-- Fills a place in a chord, as Celery does.
-- KEYS <group>.j, .t, .s   ARGV index, what the part leaves (JSON [1, id, state, result]), life in ms
-- Returns all parts in order when none is missing, else nothing.
local function id_of(member)
  local ok, fields = pcall(cjson.decode, member)
  return ok and type(fields) == 'table' and fields[2]
end

local index, id = ARGV[1], id_of(ARGV[2])
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], index, index)) do
  if id_of(member) == id then redis.call('ZREM', KEYS[1], member) end  -- Of an attempt before.
end
redis.call('ZADD', KEYS[1], index, ARGV[2])
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[3]) end
local size = redis.call('GET', KEYS[3])
if not size then return {} end
local extra = redis.call('GET', KEYS[2]) or 0
if redis.call('ZCARD', KEYS[1]) ~= size + extra then return {} end
return redis.call('ZRANGE', KEYS[1], 0, -1)
