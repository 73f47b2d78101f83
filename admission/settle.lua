-- Carries written decisions of one lecture over to its claims.
--
-- KEYS  1 claims   2 held   3 released
-- ARGV  for each decision four values: user, rid, status (confirmed, rejected, cancelled), claimedAtMs
--
-- Returns { claims confirmed, claims released } by this run; settling again changes nothing and returns zeros.
--   confirmed            the user's claim becomes confirmed. Where Redis has lost it, it is written anew; where it holds another
--                        held rid, the decision wins, since that rid can only be rejected as a second one.
--   rejected, cancelled  the claim is released if it still is of this rid, at most once.
-- A released rid stays released: a confirmation that was overtaken by the cancel of its seat is ignored.

local confirmed, released = 0, 0

redis.call("HLEN", KEYS[1])
redis.call("ZCARD", KEYS[2])
redis.call("HLEN", KEYS[3])

for at = 1, #ARGV, 4 do
  local user, rid, status, claimedAtMs = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local claim = redis.call("HGET", KEYS[1], user)
  local state, claimedRid
  if claim then
    state, claimedRid = string.match(claim, "^([hk]):%d+:(.+)$")
  end
  if status ~= "confirmed" then
    redis.call("HSETNX", KEYS[3], rid, status)
    if claimedRid == rid then
      redis.call("HDEL", KEYS[1], user)
      redis.call("ZREM", KEYS[2], user)
      released = released + 1
    end
  elseif state ~= "k" and redis.call("HEXISTS", KEYS[3], rid) == 0 then
    redis.call("HSET", KEYS[1], user, "k:" .. claimedAtMs .. ":" .. rid)
    redis.call("ZREM", KEYS[2], user)
    confirmed = confirmed + 1
  end
end

return { confirmed, released }
