-- Reads a piece of a ranking. Its scores are negated: the highest comes first, equal ones by name.
-- KEYS the ranking   ARGV 'top' count, or 'around' name each_side
-- Returns nil if there is no ranking, else the first rank read, then name and score by turns;
-- nothing behind the rank if the name is not in it.
if redis.call('EXISTS', KEYS[1]) == 0 then return nil end
local first, last = 0, tonumber(ARGV[2])
if ARGV[1] == 'around' then
  local place = redis.call('ZRANK', KEYS[1], ARGV[2])
  if not place then return {0} end
  first, last = math.max(0, place - ARGV[3]), place + ARGV[3] + 1
end
local out = {first + 1}
if last > first then
  for i, text in ipairs(redis.call('ZRANGE', KEYS[1], first, last - 1, 'WITHSCORES')) do
    out[i + 1] = text
  end
end
return out
