-- Stores how far a task is, as long as the delivery is the caller's.
-- KEYS leases result   ARGV delivery, the result, its life in ms
-- Returns 1, or 0 when the delivery is somebody else's.
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('PUBLISH', KEYS[2], ARGV[2])
return 1
