-- Begins to load a lecture: writes its window and capacity and closes admission until load-finish.
--
-- KEYS  1 lecture
-- ARGV  1 token of this load   2 opensAtMs   3 closesAtMs   4 capacity   5 cancelled (0 or 1)
--
-- Returns 1 when begun, 0 when the lecture is ready already. The newest load wins: an older one finds another token and stops.

if redis.call("HGET", KEYS[1], "ready") == "1" then
  return 0
end
redis.call("HSET", KEYS[1], "ready", "0", "loading", ARGV[1],
  "opensAtMs", ARGV[2], "closesAtMs", ARGV[3], "capacity", ARGV[4], "cancelled", ARGV[5])
return 1
