-- Takes a dead letter away, and puts a message into a list for it.
-- KEYS dead buried list   ARGV name of the letter, envelope (empty: it is only taken away)
-- Returns 1, or 0 when there is no such letter.
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
if ARGV[2] ~= '' then redis.call('LPUSH', KEYS[3], ARGV[2]) end
return 1
