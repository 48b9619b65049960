-- Puts an answer into the list of the one who asked, if that one still waits.
-- KEYS the set of those who wait: "<routing key>\x06\x16<pattern>\x06\x16<list>"
-- ARGV routing key, answer
-- Returns 1, or 0 when nobody waits by that key.
local front = ARGV[1] .. '\6\22'
for _, binding in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if string.sub(binding, 1, #front) == front then
    local list = string.match(string.sub(binding, #front + 1), '^.-\6\22(.*)$')
    if list then
      redis.call('LPUSH', list, ARGV[2])
      return 1
    end
  end
end
return 0
