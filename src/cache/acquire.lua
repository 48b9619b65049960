-- Takes the lease of a key, for whoever may load its value.
-- KEYS lease, failure   ARGV the owner's token, lifetime of the lease in ms
-- Returns 1 (taken, also when this call came twice), 0 (somebody else has it), or the text of a
-- failed load of a moment ago: then nobody loads.
local failure = redis.call('GET', KEYS[2])
if failure then return failure end
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
if redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end
return 0
