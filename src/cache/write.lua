-- Writes or deletes values, and voids the lease of whoever is loading one of them: what was begun
-- before this write must not replace it. The lease stays with its owner.
-- KEYS per value: its key, its meta key, its lease
-- ARGV condition ('', 'NX' or 'XX'), then per value: bytes, lifetime in ms (0: for ever, -1: delete),
--      meta text ('': none)
-- Returns how many were written, or existed and were deleted.
local count = 0
for i = 1, #KEYS, 3 do
  local bytes, px, meta = ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3]
  local done
  if px < 0 then
    done = redis.call('UNLINK', KEYS[i]) == 1
    redis.call('UNLINK', KEYS[i + 1])
  else
    local options = {}
    if px > 0 then options = {'PX', px} end
    if ARGV[1] ~= '' then options[#options + 1] = ARGV[1] end
    done = redis.call('SET', KEYS[i], bytes, unpack(options))
    if done and meta == '' then
      redis.call('UNLINK', KEYS[i + 1])
    elseif done and px > 0 then
      redis.call('SET', KEYS[i + 1], meta, 'PX', px)
    elseif done then
      redis.call('SET', KEYS[i + 1], meta)
    end
  end
  if done then count = count + 1 end
  if done or px < 0 then
    local holder = redis.call('GET', KEYS[i + 2])
    if holder and string.sub(holder, -1) ~= '!' then
      redis.call('SET', KEYS[i + 2], holder .. '!', 'KEEPTTL')
    end
  end
end
return count
