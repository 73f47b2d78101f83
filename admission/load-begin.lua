-- Begins to load a lecture: writes its window and capacity and closes admission until load-finish.
--
-- KEYS  1 lecture   2 claims
-- ARGV  1 token of this load   2 opensAtMs   3 closesAtMs   4 capacity   5 cancelled (0 or 1)
--       6 anew (1: also a lecture that is ready)
--
-- Returns 1 when begun, 0 when the lecture is ready already. The newest load wins: an older one finds another token and stops.
-- Confirmed claims are dropped, since the decisions know them better: an old one would stand in the way of the seat its user has
-- booked since. Held ones stay, since nobody else may know of them. What an earlier load has noted down is forgotten.

if ARGV[6] ~= "1" and redis.call("HGET", KEYS[1], "ready") == "1" then
  return 0
end
redis.call("HSET", KEYS[1], "ready", "0", "loading", ARGV[1],
  "opensAtMs", ARGV[2], "closesAtMs", ARGV[3], "capacity", ARGV[4], "cancelled", ARGV[5])

for _, field in ipairs(redis.call("HKEYS", KEYS[1])) do
  if string.sub(field, 1, 4) == "out:" then
    redis.call("HDEL", KEYS[1], field)
  end
end

local claims = redis.call("HGETALL", KEYS[2])
for at = 1, #claims, 2 do
  if string.sub(claims[at + 1], 1, 2) == "k:" then
    redis.call("HDEL", KEYS[2], claims[at])
  end
end
return 1
