-- Looks a lecture up in the cache, and may give its reader the lease to fill the cache.
--
-- KEYS  1 lecture   2 state   3 lease   4 writers
-- ARGV  1 reader   2 seed   3 lease in ms   4 how long the state is kept, in ms
--       5 a lecture that expires within these ms is to be refreshed
--
-- Returns { lecture or "", lease 1 or 0, gen, floor or "", writers under way }.
--   lease   one reader at a time has it: of a lecture that is missing, or is to be refreshed. Nobody
--           has it while a write may be under way.
--   gen     begins at the reader's random seed: a Redis that lost it refuses the fills begun before.

local cached = redis.call("GET", KEYS[1])
if cached then
  local isShown = string.sub(cached, -1) ~= " "
  local isOld = redis.call("PTTL", KEYS[1]) < tonumber(ARGV[5])
  if not (isShown and isOld) then return { cached, 0, "", "", 0 } end
end

local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call("ZREMRANGEBYSCORE", KEYS[4], "-inf", string.format("%.0f", nowMs))
local writers = redis.call("ZCARD", KEYS[4])

local state = redis.call("HMGET", KEYS[2], "gen", "floor")
local gen, floor = state[1], state[2]
if not gen then
  gen = ARGV[2]
  redis.call("HSET", KEYS[2], "gen", gen)
  redis.call("PEXPIRE", KEYS[2], ARGV[4])
end

local lease = writers == 0 and redis.call("SET", KEYS[3], ARGV[1], "NX", "PX", ARGV[3])
return { cached or "", lease and 1 or 0, gen, floor or "", writers }
