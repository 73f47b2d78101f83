-- Writes as a claim does, and leaves nothing behind.
--
-- KEYS  1 a hash   2 a sorted set   3 a string   none of them of a lecture
-- ARGV  1 a text of the caller
--
-- Returns the text, as read back from Redis.

redis.call("TIME")
redis.call("SET", KEYS[3], ARGV[1], "PX", 1000)
redis.call("HSET", KEYS[1], "user", ARGV[1])
redis.call("ZADD", KEYS[2], 1, "user")
local kept = redis.call("HGET", KEYS[1], "user")
redis.call("DEL", KEYS[1], KEYS[2], KEYS[3])
return kept
