-- Reads what a booking button needs.
--
-- KEYS  1 lecture   2 claims
-- Returns { ready, opensAtMs, closesAtMs, capacity, cancelled, seats taken, now in ms }, or an empty list when the lecture
-- is not loaded.

local lecture = redis.call("HMGET", KEYS[1], "ready", "opensAtMs", "closesAtMs", "capacity", "cancelled")
if lecture[1] ~= "1" then
  return {}
end
local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
lecture[6] = redis.call("HLEN", KEYS[2])
lecture[7] = nowMs
return lecture
