-- Adds claims to a lecture that is being loaded, and advances its step.
--
-- KEYS  1 lecture   2 claims   3 held   4 released
-- ARGV  1 load   2 loader   3 lease in ms
--       4 the step before this run, "add:<rid>"   5 the step after it; both "" for held claims
--       then two values for each claim: user, and its state
--         k:<claimedAtMs>:<rid>, h:<claimedAtMs>:<rid>   confirmed or held: the claim to write
--         rejected:<rid>, cancelled:<rid>
--
-- Returns the step to go on from, "" when this load is over. Changes nothing at another step.
--
-- Effects: a rejected or cancelled rid is released where it still holds a claim. Settlements made
-- meanwhile are newer than the loaded claims and stay. A released rid is not claimed again. An
-- existing claim stays, but confirmed replaces held of the same rid. Only a decision about its own
-- rid ends a held claim. The field "out:<user>" of the lecture notes a confirmed claim that a held
-- claim keeps out; load-finish looks at it again.
--
-- One command reads each key, and one writes the confirmed claims: a call from Lua costs more than
-- the work of the command.

local lecture = redis.call("HMGET", KEYS[1], "ready", "load", "step")
if lecture[1] ~= "0" or lecture[2] ~= ARGV[1] then
  return ""
end
local step = lecture[3]
if ARGV[4] ~= "" and step ~= ARGV[4] then
  return step
end

local unpack = unpack or table.unpack
local function ridOf(known)
  return string.match(known, "[^:]+$")
end

local users, rids = {}, {}
for at = 6, #ARGV, 2 do
  users[#users + 1] = ARGV[at]
end
redis.call("ZCARD", KEYS[3])
local claims, claimOf = redis.call("HMGET", KEYS[2], unpack(users)), {}
for at = 1, #users do
  claimOf[users[at]] = claims[at]
end

local anyReleased, isReleased = redis.call("HLEN", KEYS[4]) > 0, {}
if anyReleased then
  for at = 7, #ARGV, 2 do
    rids[#rids + 1] = ridOf(ARGV[at])
  end
  local known = redis.call("HMGET", KEYS[4], unpack(rids))
  for at = 1, #rids do
    isReleased[rids[at]] = known[at]
  end
end

-- A later claim of this run must see the effects of earlier ones: both tables are kept up to date.
local changed, keptOut = {}, {}
for at = 6, #ARGV, 2 do
  local user, known = ARGV[at], ARGV[at + 1]
  local claim, state = claimOf[user], string.sub(known, 1, 2)
  if state ~= "k:" and state ~= "h:" then
    local status, rid = string.match(known, "^(%a+):(.+)$")
    redis.call("HSETNX", KEYS[4], rid, status)
    anyReleased, isReleased[rid] = true, status
    if claim and string.match(claim, "^[hk]:%d+:(.+)$") == rid then
      claimOf[user] = false
      changed[#changed + 1] = user
    end
  elseif not (anyReleased and isReleased[ridOf(known)]) then
    local heldRid = claim and string.match(claim, "^h:%d+:(.+)$")
    if state == "k:" and heldRid and heldRid ~= ridOf(known) then
      keptOut[#keptOut + 1], keptOut[#keptOut + 2] = "out:" .. user, known
    elseif not claim or (state == "k:" and heldRid) then
      claimOf[user] = known
      changed[#changed + 1] = user
    end
  end
end

local written, dropped, settled = {}, {}, {}
for _, user in ipairs(changed) do
  local claim = claimOf[user]
  if claim then
    written[#written + 1], written[#written + 2] = user, claim
  else
    dropped[#dropped + 1] = user
  end
  if claim and string.sub(claim, 1, 2) == "h:" then
    redis.call("ZADD", KEYS[3], string.match(claim, "^h:(%d+):"), user)
  else
    settled[#settled + 1] = user
  end
end
if #keptOut > 0 then redis.call("HSET", KEYS[1], unpack(keptOut)) end
if #written > 0 then redis.call("HSET", KEYS[2], unpack(written)) end
if #dropped > 0 then redis.call("HDEL", KEYS[2], unpack(dropped)) end
if #settled > 0 then redis.call("ZREM", KEYS[3], unpack(settled)) end

if ARGV[5] ~= "" then step = ARGV[5] end
local time = redis.call("TIME")
local leaseUntilMs = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3]
redis.call("HSET", KEYS[1], "step", step, "loader", ARGV[2],
  "leaseUntilMs", string.format("%.0f", leaseUntilMs))
return step
