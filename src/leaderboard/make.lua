-- Makes the weighted sum of sorted sets and keeps it for a while. One that is there already stays.
-- KEYS the sum, a key that exists only while this runs, the sets to add up, then those that count crowds
-- ARGV life_ms, number of sets to add up, least_crowd, then a weight for each of them
-- A name stays out if fewer than least_crowd (1: no such rule) are counted for it in the crowds.
local sum, work, sets = KEYS[1], KEYS[2], tonumber(ARGV[2])
if sets == 0 or redis.call('EXISTS', sum) == 1 then return end

local union = {'ZUNIONSTORE', sum, sets}
for i = 1, sets do union[#union + 1] = KEYS[i + 2] end
union[#union + 1] = 'WEIGHTS'
for i = 1, sets do union[#union + 1] = ARGV[i + 3] end
redis.call(unpack(union))

if tonumber(ARGV[3]) > 1 then
  local crowds = {'ZUNIONSTORE', work, #KEYS - 2 - sets}
  for i = sets + 3, #KEYS do crowds[#crowds + 1] = KEYS[i] end
  redis.call(unpack(crowds))
  redis.call('ZREMRANGEBYSCORE', work, '-inf', '(' .. ARGV[3])
  redis.call('ZINTERSTORE', sum, 2, sum, work, 'WEIGHTS', 1, 0)
  redis.call('DEL', work)
end
redis.call('PEXPIRE', sum, ARGV[1])
