-- Counts one call against each of several limits if all of them allow it, else against none.
-- KEYS one a limit, no two the same
-- ARGV now_us (0: the server's clock), then for each limit: kind count span_us
--   window: a list of the times of the calls, at most count in span_us
--   gcra: a string, the time at which all that was allowed is paid off at one call in span_us; it
--     may lie count calls ahead
-- Returns 1 or 0, then for each limit: calls left, microseconds until one would pass, until all would
local now = tonumber(ARGV[1])
if now == 0 then
  local t = redis.call('TIME')
  now = t[1] * 1000000 + t[2]
end

local function text(number) return string.format('%.0f', number) end

-- The time at a position of a list; nil behind its ends.
local function at(key, position) return tonumber(redis.call('LINDEX', key, position) or nil) end

-- Returns the length of the list without what has left the window, and its last time.
local function trimmed(key, window)
  local length = redis.call('LLEN', key)
  if length == 0 then return 0, now - window end
  -- Times ahead of the clock are from before it was set back: taken as now, they bind for at most
  -- one window more.
  local newest = at(key, -1)
  local ahead = length
  while newest > now and ahead > 0 and at(key, ahead - 1) > now do
    redis.call('LSET', key, ahead - 1, text(now))
    ahead = ahead - 1
  end
  local gone, high = 0, length
  if at(key, 0) > now - window then high = 0 end
  while gone < high do
    local middle = math.floor((gone + high) / 2)
    if at(key, middle) <= now - window then gone = middle + 1 else high = middle end
  end
  if gone > 0 then redis.call('LTRIM', key, gone, -1) end
  return length - gone, math.min(newest, now)
end

local look, take = {}, {}

function look.window(key, calls, window)
  local length, newest = trimmed(key, window)
  local reset = math.max(0, newest + window - now)
  if length < calls then return calls - length, 0, reset end
  return 0, at(key, length - calls) + window - now, reset
end

function take.window(key, calls, window)
  redis.call('RPUSH', key, text(now))
  redis.call('PEXPIRE', key, text(math.ceil(window / 1000)))
  return window
end

-- The time at which all is paid off, as far as it may lie ahead and not in the past.
local function paid_off(key, burst, interval)
  local time = tonumber(redis.call('GET', key) or nil) or 0
  return math.max(now, math.min(time, now + burst * interval))
end

function look.gcra(key, burst, interval)
  local ahead = paid_off(key, burst, interval) - now
  local left = math.floor((burst * interval - ahead) / interval)
  if left > 0 then return left, 0, ahead end
  return 0, ahead - (burst - 1) * interval, ahead
end

function take.gcra(key, burst, interval)
  local time = paid_off(key, burst, interval) + interval
  redis.call('SET', key, text(time), 'PX', text(math.ceil((time - now) / 1000)))
  return time - now
end

local allowed, out = 1, {}
for i, key in ipairs(KEYS) do
  local left, wait, reset = look[ARGV[3 * i - 1]](key, tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1]))
  out[3 * i - 1], out[3 * i], out[3 * i + 1] = left, wait, reset
  if left == 0 then allowed = 0 end
end
out[1] = allowed
if allowed == 1 then
  for i, key in ipairs(KEYS) do
    out[3 * i - 1] = out[3 * i - 1] - 1
    out[3 * i + 1] = take[ARGV[3 * i - 1]](key, tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1]))
  end
end
return out
