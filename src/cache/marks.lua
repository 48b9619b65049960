-- Returns the tokens of tags; a tag that has none gets a new one. Each lives at least as long as is
-- asked: a tag that ends earlier would take what depends on it along.
-- KEYS tags   ARGV a token nobody had, lifetime in ms that a tag needs (0: for ever)
local px = tonumber(ARGV[2])
local tokens = {}
for i, tag in ipairs(KEYS) do
  local token = redis.call('GET', tag)
  local left = -2
  if token then
    left = redis.call('PTTL', tag)
  else
    token = ARGV[1]
    redis.call('SET', tag, token)
  end
  if px > 0 and (left == -2 or left >= 0 and left < px) then
    redis.call('PEXPIRE', tag, px)
  elseif px == 0 and left >= 0 then
    redis.call('PERSIST', tag)
  end
  tokens[i] = token
end
return tokens
