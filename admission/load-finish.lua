-- Opens admission to a lecture whose claims are complete.
--
-- KEYS  1 lecture
-- ARGV  1 load
--
-- Returns 1 when the lecture is ready by this load, 0 when the load is over already.

local lecture = redis.call("HMGET", KEYS[1], "ready", "load")
if lecture[1] ~= "0" or lecture[2] ~= ARGV[1] then
  return 0
end
redis.call("HSET", KEYS[1], "ready", "1")
redis.call("HDEL", KEYS[1], "load", "step", "loader", "leaseUntilMs")
return 1
