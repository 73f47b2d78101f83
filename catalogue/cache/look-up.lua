-- Looks a lecture up in the cache, and may give its reader the lease to fill the cache.
--
-- KEYS  1 lecture   2 state   3 lease   4 writers
-- ARGV  1 reader   2 lease in ms   3 a lecture that expires within these ms is to be refreshed
--
-- Returns { lecture or "", lease 1 or 0, gen, floor or "", writers under way }.
--   lease   one reader at a time has it: of a lecture that is missing, or is to be refreshed.
--           Nobody has it while a write may be under way. A Redis that lost gen has lost the lease
--           too.

local cached = redis.call("GET", KEYS[1])
if cached then
  local isShown = string.sub(cached, -1) ~= " "
  local isOld = redis.call("PTTL", KEYS[1]) < tonumber(ARGV[3])
  if not (isShown and isOld) then return { cached, 0, "", "", 0 } end
end

local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call("ZREMRANGEBYSCORE", KEYS[4], "-inf", string.format("%.0f", nowMs))
local writers = redis.call("ZCARD", KEYS[4])

local state = redis.call("HMGET", KEYS[2], "gen", "floor")
local lease = writers == 0 and redis.call("SET", KEYS[3], ARGV[1], "NX", "PX", ARGV[2])
return { cached or "", lease and 1 or 0, state[1] or "0", state[2] or "", writers }
