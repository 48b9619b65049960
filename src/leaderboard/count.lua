-- Adds to a name of one board, in each of its windows.
-- KEYS for each window: counts of the current slice, crowd of the current slice, votes
-- ARGV name by voter ('': nobody) once (1: a voter counts once in a window) least_crowd max_names
--   max_votes now_ms, then for each window: length_ms life_ms
-- A vote is kept by the time it counted, under 64 bits of a hash of name and voter.
local name, voter, now = ARGV[1], ARGV[3], tonumber(ARGV[8])
local once, has_crowd = ARGV[4] == '1', tonumber(ARGV[5]) > 1
local vote = string.sub(redis.sha1hex(name .. '\0' .. voter), 1, 16)

-- Keeps the greatest `limit` members.
local function bound(key, limit)
  local extra = redis.call('ZCARD', key) - limit
  if extra > 0 then redis.call('ZREMRANGEBYRANK', key, 0, extra - 1) end
end

local function add(key, by, life)
  redis.call('ZINCRBY', key, by, name)
  bound(key, ARGV[6])
  redis.call('PEXPIRE', key, life)
end

for i = 1, #KEYS / 3 do
  local counts, crowd, votes = KEYS[3 * i - 2], KEYS[3 * i - 1], KEYS[3 * i]
  local window, life = ARGV[2 * i + 7], ARGV[2 * i + 8]
  local first_vote = true
  if voter ~= '' then
    redis.call('ZREMRANGEBYSCORE', votes, '-inf', string.format('%.0f', now - window))
    first_vote = redis.call('ZADD', votes, 'NX', ARGV[8], vote) == 1
    bound(votes, ARGV[7])
    redis.call('PEXPIRE', votes, window)
  end
  if first_vote or not once then add(counts, ARGV[2], life) end
  if first_vote and has_crowd then add(crowd, 1, life) end
end
