-- Reads the figures of a booking button. Writes nothing.
--
-- KEYS  1 lecture   2 claims
-- Returns { ready, opensAtMs, closesAtMs, capacity, cancelled, seats taken, now in ms },
-- or {} when the lecture is not loaded or its terms make no sense.

local lecture =
  redis.call("HMGET", KEYS[1], "ready", "opensAtMs", "closesAtMs", "capacity", "cancelled")
local opensAtMs, closesAtMs = tonumber(lecture[2]), tonumber(lecture[3])
local capacity = tonumber(lecture[4])
if lecture[1] ~= "1"
  or not (opensAtMs and closesAtMs and capacity and opensAtMs < closesAtMs and capacity >= 0) then
  return {}
end
local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
lecture[6] = redis.call("HLEN", KEYS[2])
lecture[7] = nowMs
return lecture
