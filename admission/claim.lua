-- Claims a seat of one lecture for one user under one rid.
--
-- KEYS  1 lecture   2 claims   3 held   4 released   5 throttle
-- ARGV  1 user      2 rid      3 throttle's length in ms   4 the user's groups: ",group,group,"
--
-- Returns { outcome, … }, the first that applies:
--   not_ready                          not loaded, or claims incomplete
--   repeated, rid, state               rid claimed before: held, confirmed, rejected, cancelled
--   already_reserved, rid, state       the user holds a live claim under another rid
--   not_ready                          terms without sense, or an unpublished lecture
--   cancelled                          the lecture is cancelled
--   not_open, ms until it opens        before opensAtMs
--   closed                             at closesAtMs or later
--   not_eligible                       the lecture has an audience, and the user is in none of it
--   sold_out                           no seat left; starts the throttle
--   throttled, ms left                 the user tried this lecture within the throttle
--   claimed, rid, claimedAtMs          the claim is written; starts the throttle
--
-- Idempotent by rid. Every key is read before the first write, so a key of a wrong type fails the
-- script and changes nothing. The seats left are derived from the claims: the two cannot drift.
-- A term may be NaN, which makes every comparison false: the checks ask whether terms are right.

local user, rid, throttleMs = ARGV[1], ARGV[2], ARGV[3]

local lecture = redis.call(
  "HMGET", KEYS[1], "ready", "opensAtMs", "closesAtMs", "capacity", "cancelled", "audience"
)
local opensAtMs, closesAtMs = tonumber(lecture[2]), tonumber(lecture[3])
local capacity = tonumber(lecture[4])
if lecture[1] ~= "1" then
  return { "not_ready" }
end

local claim = redis.call("HGET", KEYS[2], user)
local taken = redis.call("HLEN", KEYS[2])
redis.call("ZSCORE", KEYS[3], user)
local released = redis.call("HGET", KEYS[4], rid)
local throttleLeftMs = redis.call("PTTL", KEYS[5])

local state, claimedRid
if claim then
  state, claimedRid = string.match(claim, "^([hk]):%d+:(.+)$")
  state = state == "h" and "held" or "confirmed"
end
if claimedRid == rid then
  return { "repeated", rid, state }
elseif released then
  return { "repeated", rid, released }
elseif claim then
  return { "already_reserved", claimedRid, state }
end

local function isEligible(audience, groups)
  for group in string.gmatch(audience, "[^,]+") do
    if string.find(groups, "," .. group .. ",", 1, true) then return true end
  end
  return false
end

if not (opensAtMs and closesAtMs and capacity and opensAtMs < closesAtMs and capacity >= 0) then
  return { "not_ready" }
end

local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
if lecture[5] == "1" then
  return { "cancelled" }
elseif nowMs < opensAtMs then
  return { "not_open", opensAtMs - nowMs }
elseif nowMs >= closesAtMs then
  return { "closed" }
elseif lecture[6] and lecture[6] ~= "" and not isEligible(lecture[6], ARGV[4]) then
  return { "not_eligible" }
elseif taken >= capacity then
  redis.call("SET", KEYS[5], "1", "PX", throttleMs, "NX")
  return { "sold_out" }
elseif throttleLeftMs > 0 then
  return { "throttled", throttleLeftMs }
end

local claimedAtMs = string.format("%.0f", nowMs)
redis.call("SET", KEYS[5], "1", "PX", throttleMs)
redis.call("HSET", KEYS[2], user, "h:" .. claimedAtMs .. ":" .. rid)
redis.call("ZADD", KEYS[3], claimedAtMs, user)
return { "claimed", rid, claimedAtMs }
