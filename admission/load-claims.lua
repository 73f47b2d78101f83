-- Adds claims to a lecture that is being loaded, and moves its step on.
--
-- KEYS  1 lecture   2 claims   3 held   4 released
-- ARGV  1 load   2 loader   3 lease in ms
--       4 the step this run begins at, "add:<rid>"   5 the step after it; for held claims both are ""
--       then for each claim four values: user, rid, status (held, confirmed, rejected, cancelled), claimedAtMs
--
-- Returns the step to go on from, "" when this load is over. A load that stands at another step is left as it is.
--
-- A rejected or cancelled rid is released where it still holds a claim. What was settled meanwhile is newer than what is being loaded
-- and stays: a released rid is not claimed again, a claim that is there is not replaced, except that confirmed replaces held.

local lecture = redis.call("HMGET", KEYS[1], "ready", "load", "step")
if lecture[1] ~= "0" or lecture[2] ~= ARGV[1] then
  return ""
end
local step = lecture[3]
if ARGV[4] ~= "" and step ~= ARGV[4] then
  return step
end

for at = 6, #ARGV, 4 do
  local user, rid, status, claimedAtMs = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if status == "rejected" or status == "cancelled" then
    redis.call("HSETNX", KEYS[4], rid, status)
    local claim = redis.call("HGET", KEYS[2], user)
    if claim and string.match(claim, "^[hk]:%d+:(.+)$") == rid then
      redis.call("HDEL", KEYS[2], user)
      redis.call("ZREM", KEYS[3], user)
    end
  elseif redis.call("HEXISTS", KEYS[4], rid) == 0 then
    local claim = redis.call("HGET", KEYS[2], user)
    if status == "confirmed" and (not claim or string.sub(claim, 1, 1) == "h") then
      redis.call("HSET", KEYS[2], user, "k:" .. claimedAtMs .. ":" .. rid)
      redis.call("ZREM", KEYS[3], user)
    elseif status == "held" and not claim then
      redis.call("HSET", KEYS[2], user, "h:" .. claimedAtMs .. ":" .. rid)
      redis.call("ZADD", KEYS[3], claimedAtMs, user)
    end
  end
end

if ARGV[5] ~= "" then step = ARGV[5] end
local time = redis.call("TIME")
local leaseUntilMs = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3]
redis.call("HSET", KEYS[1], "step", step, "loader", ARGV[2], "leaseUntilMs", string.format("%.0f", leaseUntilMs))
return step
