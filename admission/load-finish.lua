-- Opens admission to a lecture whose claims are complete.
--
-- KEYS  1 lecture   2 claims   3 released
-- ARGV  1 load
--
-- Returns 1 when this load makes the lecture ready, 0 when the load is already over.
-- A noted confirmed claim is added where the held claim in its way has been released since, by a
-- decision loaded later or settled meanwhile. Where that claim is still held, the decision about it
-- brings the confirmed one along.

local lecture = redis.call("HMGET", KEYS[1], "ready", "load")
if lecture[1] ~= "0" or lecture[2] ~= ARGV[1] then
  return 0
end
for _, field in ipairs(redis.call("HKEYS", KEYS[1])) do
  local user = string.match(field, "^out:(.+)$")
  if user then
    local claim = redis.call("HGET", KEYS[1], field)
    local isReleased = redis.call("HEXISTS", KEYS[3], string.match(claim, "[^:]+$")) == 1
    if not isReleased and redis.call("HEXISTS", KEYS[2], user) == 0 then
      redis.call("HSET", KEYS[2], user, claim)
    end
    redis.call("HDEL", KEYS[1], field)
  end
end
redis.call("HSET", KEYS[1], "ready", "1")
redis.call("HDEL", KEYS[1], "load", "step", "loader", "leaseUntilMs")
return 1
