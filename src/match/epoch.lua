-- Tells the run id of the server; a new one begins a new epoch, noted in the log. Called first on
-- every new connection.
-- KEYS people lease rooms log meta instances trending   ARGV run_id least_epoch
-- Returns the epoch. `top` in the log entry is the last entry that this server knows.
local log, meta = KEYS[4], KEYS[5]
local known = redis.call('HMGET', meta, 'run_id', 'epoch')
local epoch = tonumber(known[2] or '0')
if known[1] ~= ARGV[1] then
  local top = '0-0'
  if redis.call('EXISTS', log) == 1 then
    local info = redis.call('XINFO', 'STREAM', log)
    for i = 1, #info, 2 do
      if info[i] == 'last-generated-id' then top = info[i + 1] end
    end
  end
  epoch = math.max(epoch, tonumber(ARGV[2])) + 1
  redis.call('HSET', meta, 'run_id', ARGV[1], 'epoch', epoch)
  redis.call('XADD', log, epoch .. '-*', 'e', 'R|' .. ARGV[1] .. '|' .. top)
end
return epoch
