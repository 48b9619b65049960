-- Puts a message into its list, or into the timers until it is due.
-- KEYS list timers timed unique
-- ARGV envelope, name of the timer, due in ms (0: now), limit of waiting messages,
--      task id, window of the unique key in ms (0: it is not unique)
-- Returns 1, or 0 when too many wait, or the id of the task that has the unique key.
local envelope, timer, due, id = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[5]
local waiting = due > 0 and redis.call('ZCARD', KEYS[2]) or redis.call('LLEN', KEYS[1])
if waiting >= tonumber(ARGV[4]) then return 0 end
if ARGV[6] ~= '0' and not redis.call('SET', KEYS[4], id, 'NX', 'PX', ARGV[6]) then
  return redis.call('GET', KEYS[4])
end
if due == 0 then
  redis.call('LPUSH', KEYS[1], envelope)
else
  redis.call('ZADD', KEYS[2], ARGV[3], timer)
  redis.call('HSET', KEYS[3], timer, KEYS[1] .. '\n' .. envelope)
end
return 1
