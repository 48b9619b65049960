-- Removes what is stored of entries.
-- KEYS leader, settled: see fire.lua   ARGV token, then the entries
-- Returns how many there were; 0 when another scheduler was elected.
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
return redis.call('HDEL', KEYS[2], unpack(ARGV, 2))
