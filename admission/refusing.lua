-- Tells whether a lecture turns away everybody who has no claim on it, and names those who have one: what an edge may answer by
-- itself for a moment.
--
-- KEYS  1 lecture   2 claims   3 released
-- ARGV  1 how many names may be returned
--
-- Returns
--   { "not_open", ms until it opens }              before the opening, while nobody has a claim or a released rid
--   { "sold_out", how many users, user …, rid … }  no seat left: the users who hold one, and the rids that were released
--   {}                                             anything else, and where there are too many names to tell

local lecture = redis.call("HMGET", KEYS[1], "ready", "opensAtMs", "closesAtMs", "capacity", "cancelled")
local opensAtMs, closesAtMs, capacity = tonumber(lecture[2]), tonumber(lecture[3]), tonumber(lecture[4])
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
