-- A person begins something new anywhere: counts their sessions, notes their shard.
-- KEYS[1] the person   ARGV shard ttl_s
-- Returns the session number, the shard before ('' for none), the recent partners ('' for none).
local session = redis.call('HINCRBY', KEYS[1], 'n', 1)
local before = redis.call('HMGET', KEYS[1], 'shard', 'recent')
redis.call('HSET', KEYS[1], 'shard', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {session, before[1] or '', before[2] or ''}
