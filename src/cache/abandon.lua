-- Gives a lease back without a value; only its owner's call does anything.
-- KEYS lease, failure   ARGV the owner's token, what went wrong ('': nothing), ms until the next load
local holder = redis.call('GET', KEYS[1])
if holder ~= ARGV[1] and holder ~= ARGV[1] .. '!' then return 0 end
redis.call('DEL', KEYS[1])
if ARGV[2] ~= '' then redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3]) end
return 1
