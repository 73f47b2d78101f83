-- Tells whether a lecture turns away everybody without a claim, and names the users with a claim.
-- An edge may answer from this by itself for a moment. Writes nothing.
--
-- KEYS  1 lecture   2 claims   3 released
-- ARGV  1 most names to return
--
-- Returns
--   { "not_open", ms until it opens }         before the opening, without any claim or released rid
--   { "sold_out", users, user …, rid … }      no seat left: number and names of users with a claim,
--                                             then the released rids
--   {}                                        anything else, or too many names

local lecture =
  redis.call("HMGET", KEYS[1], "ready", "opensAtMs", "closesAtMs", "capacity", "cancelled")
local opensAtMs, closesAtMs = tonumber(lecture[2]), tonumber(lecture[3])
local capacity = tonumber(lecture[4])
if lecture[1] ~= "1" or lecture[5] == "1"
  or not (opensAtMs and closesAtMs and capacity and opensAtMs < closesAtMs and capacity >= 0) then
  return {}
end

local taken, released = redis.call("HLEN", KEYS[2]), redis.call("HLEN", KEYS[3])
local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
if nowMs < opensAtMs then
  return taken + released == 0 and { "not_open", opensAtMs - nowMs } or {}
elseif nowMs >= closesAtMs or taken < capacity or taken + released > tonumber(ARGV[1]) then
  return {}
end

local answer = { "sold_out", taken }
for _, user in ipairs(redis.call("HKEYS", KEYS[2])) do
  answer[#answer + 1] = user
end
for _, rid in ipairs(redis.call("HKEYS", KEYS[3])) do
  answer[#answer + 1] = rid
end
return answer
