-- Drops a lecture from the cache: once before it is written, and once after.
--
-- KEYS  1 lecture   2 state   3 writers
-- ARGV  1 writer   2 how long the writer's mark stands, in ms; 0 ends it
--       3 the version that is written, the floor from then on; 0 before the write
--       4 how long the state is kept, in ms
--
-- A reader that looked up before fills nothing: gen has changed. While a mark stands, nobody gets a
-- lease. The mark of a writer that died ends by itself, after its write can no longer take effect.
-- A second run drops once more, which is harmless.

redis.call("HINCRBY", KEYS[2], "gen", 1)
redis.call("DEL", KEYS[1])

if ARGV[2] == "0" then
  redis.call("ZREM", KEYS[3], ARGV[1])
else
  local time = redis.call("TIME")
  local untilMs = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
  redis.call("ZADD", KEYS[3], string.format("%.0f", untilMs), ARGV[1])
  redis.call("PEXPIRE", KEYS[3], ARGV[2])
end

local floor = redis.call("HGET", KEYS[2], "floor") or "0"
if tonumber(ARGV[3]) > tonumber(floor) then redis.call("HSET", KEYS[2], "floor", ARGV[3]) end
if redis.call("PTTL", KEYS[2]) < tonumber(ARGV[4]) then redis.call("PEXPIRE", KEYS[2], ARGV[4]) end
