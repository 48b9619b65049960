-- Gives a message back that a worker of Celery's noted in `unacked` and never acknowledged.
-- KEYS unacked unacked_index mirrored list
-- ARGV its tag, what is noted of it (empty: nothing), the envelope for the list, taken at or before
-- Returns 1, or 2 when nothing was noted but the tag; 0 when it was acknowledged, or restored by somebody else, or is ours.
local tag = ARGV[1]
local taken = redis.call('ZSCORE', KEYS[2], tag)
if not taken or tonumber(taken) > tonumber(ARGV[4]) then return 0 end
if redis.call('SISMEMBER', KEYS[3], tag) == 1 then return 0 end
if (redis.call('HGET', KEYS[1], tag) or '') ~= ARGV[2] then return 0 end
redis.call('ZREM', KEYS[2], tag)
redis.call('HDEL', KEYS[1], tag)
if ARGV[2] == '' then return 2 end
redis.call('RPUSH', KEYS[4], ARGV[3])
return 1
