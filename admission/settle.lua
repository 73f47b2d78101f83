-- Settles written decisions of one lecture into its claims.
--
-- KEYS  1 claims   2 held   3 released
-- ARGV  two values for each decision: user, and the decision
--         k:<claimedAtMs>:<rid>              confirmed: the claim to write
--         rejected:<rid>, cancelled:<rid>
--
-- Returns { claims confirmed, claims released, rivals } of this run. A second run changes nothing
-- and returns zeros.
--   confirmed            the user's claim becomes confirmed, also where Redis has lost it.
--   rejected, cancelled  the claim is released if it still is of this rid, at most once.
--   rivals               user and claim in turn: held claims of other rids in a confirmation's way.
--                        Only a decision about its own rid ends a held claim. Until then it counts
--                        as the user's seat.
-- A released rid stays released: a confirmation that its seat's cancel overtook is ignored.
--
-- One command reads each key, and one writes the confirmed claims: a call from Lua costs more than
-- the work of the command. Most lectures have released nothing: rids are cut out only when needed.

local unpack = unpack or table.unpack
local confirmed, released, rivals = 0, 0, {}

local function ridOf(decided)
  return string.match(decided, "[^:]+$")
end

-- Nearly every claim is of the command being decided: rids are cut out only where the two differ.
local function isRival(claim, decided)
  if string.sub(claim, 2) == string.sub(decided, 2) then return false end
  local rid = string.match(claim, "^h:%d+:(.+)$")
  return rid and rid ~= ridOf(decided)
end

local users = {}
for at = 1, #ARGV, 2 do
  users[#users + 1] = ARGV[at]
end

redis.call("ZCARD", KEYS[2])
local claims, claimOf = redis.call("HMGET", KEYS[1], unpack(users)), {}
for at = 1, #users do
  claimOf[users[at]] = claims[at]
end

local anyReleased, isReleased = redis.call("HLEN", KEYS[3]) > 0, {}
if anyReleased then
  local rids = {}
  for at = 2, #ARGV, 2 do
    rids[#rids + 1] = ridOf(ARGV[at])
  end
  local known = redis.call("HMGET", KEYS[3], unpack(rids))
  for at = 1, #rids do
    isReleased[rids[at]] = known[at]
  end
end

-- A later decision of this run must see the effects of earlier ones: both tables stay up to date.
local settled = {}
for at = 1, #ARGV, 2 do
  local user, decided = ARGV[at], ARGV[at + 1]
  local claim = claimOf[user]
  local state = claim and string.sub(claim, 1, 1)
  if string.sub(decided, 1, 2) ~= "k:" then
    local status, rid = string.match(decided, "^(%a+):(.+)$")
    redis.call("HSETNX", KEYS[3], rid, status)
    anyReleased, isReleased[rid] = true, status
    local claimedRid = claim and string.match(claim, "^[hk]:%d+:(.+)$")
    if claimedRid == rid then
      claimOf[user] = false
      settled[#settled + 1] = user
      released = released + 1
    end
  elseif state ~= "k" and not (anyReleased and isReleased[ridOf(decided)]) then
    if state == "h" and isRival(claim, decided) then
      rivals[#rivals + 1], rivals[#rivals + 2] = user, claim
    else
      claimOf[user] = decided
      settled[#settled + 1] = user
      confirmed = confirmed + 1
    end
  end
end

local written, dropped = {}, {}
for _, user in ipairs(settled) do
  if claimOf[user] then
    written[#written + 1], written[#written + 2] = user, claimOf[user]
  else
    dropped[#dropped + 1] = user
  end
end
if #written > 0 then redis.call("HSET", KEYS[1], unpack(written)) end
if #dropped > 0 then redis.call("HDEL", KEYS[1], unpack(dropped)) end
if #settled > 0 then redis.call("ZREM", KEYS[2], unpack(settled)) end

return { confirmed, released, rivals }
