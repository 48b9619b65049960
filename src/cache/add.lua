-- Adds to an integer that is there, and voids the lease of whoever is loading it.
-- KEYS value, its lease   ARGV by how much
-- Returns the sum, or nothing when there is no such key. An error when it holds no integer.
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
local holder = redis.call('GET', KEYS[2])
if holder and string.sub(holder, -1) ~= '!' then
  redis.call('SET', KEYS[2], holder .. '!', 'KEEPTTL')
end
return sum
