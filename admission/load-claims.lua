-- Adds claims to a lecture that is being loaded.
--
-- KEYS  1 lecture   2 claims   3 held   4 released
-- ARGV  1 token of this load, then for each claim four values: user, rid, status (held, confirmed, rejected, cancelled),
--       claimedAtMs
--
-- Returns 1 when added, 0 when this load was overtaken. A rejected or cancelled rid is released where it still holds a claim. What
-- was settled meanwhile is newer than what is being loaded and stays: a released rid is not claimed again, a claim that is
-- there is not replaced, except that confirmed replaces held of the same rid. Only a decision about its own rid ends a held claim.
-- A confirmed claim that it keeps out is kept as the field "out:<user>" of the lecture, for load-finish to look at once more.

local lecture = redis.call("HMGET", KEYS[1], "ready", "loading")
if lecture[1] ~= "0" or lecture[2] ~= ARGV[1] then
  return 0
end

for at = 2, #ARGV, 4 do
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
    local heldRid = claim and string.match(claim, "^h:%d+:(.+)$")
    if status == "confirmed" and heldRid and heldRid ~= rid then
      redis.call("HSET", KEYS[1], "out:" .. user, "k:" .. claimedAtMs .. ":" .. rid)
    elseif status == "confirmed" and (not claim or string.sub(claim, 1, 1) == "h") then
      redis.call("HSET", KEYS[2], user, "k:" .. claimedAtMs .. ":" .. rid)
      redis.call("ZREM", KEYS[3], user)
    elseif status == "held" and not claim then
      redis.call("HSET", KEYS[2], user, "h:" .. claimedAtMs .. ":" .. rid)
      redis.call("ZADD", KEYS[3], claimedAtMs, user)
    end
  end
end
return 1
