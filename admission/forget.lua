-- Removes all keys of a lecture that is over.
--
-- KEYS  1 lecture   2 claims   3 held   4 released
-- ARGV  1 how long ago the window must have closed, in ms
--
-- Returns 1 when the keys are removed, 0 when they stay.
--
-- They stay where the window of the terms in Redis has not been closed for so long by Redis' clock,
-- or no terms tell it; while a claim is held; and while a fence stands. An unpublished lecture has
-- no window here: the caller names only lectures that MySQL has no window of either.

local lecture = redis.call("HMGET", KEYS[1], "closesAtMs", "fence")
local closesAtMs, isFenced = tonumber(lecture[1]), lecture[2] ~= false
local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local isOver = closesAtMs and closesAtMs + ARGV[1] <= nowMs
if not isOver or isFenced or redis.call("ZCARD", KEYS[3]) > 0 then
  return 0
end
redis.call("UNLINK", KEYS[1], KEYS[2], KEYS[3], KEYS[4])
return 1
