-- Enqueues what is due of one entry, and writes down in the same step that it is done.
-- KEYS leader, settled: a hash of entries, each with the time up to which nothing is left to do
--      the list of the queue
-- ARGV token, entry, what `settled` must say of it (empty: nothing), what it says then,
--      limit of messages in the list, one envelope or more, or none
-- Returns 1; 0 when another scheduler was elected or the entry was settled; -1 when the list is full
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
if (redis.call('HGET', KEYS[2], ARGV[2]) or '') ~= ARGV[3] then return 0 end
if #ARGV > 5 and redis.call('LLEN', KEYS[3]) + #ARGV - 5 > tonumber(ARGV[5]) then return -1 end
for i = 6, #ARGV do redis.call('LPUSH', KEYS[3], ARGV[i]) end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
return 1
