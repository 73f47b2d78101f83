-- Begins to load a lecture, or goes on with a load that another loader has left.
--
-- KEYS  1 lecture
-- ARGV  1 loader            name of the caller
--       2 load              name of the load, should this call begin one
--       3 mark              mark of this Redis (opening.ts)
--       4 lease             in ms: each step keeps the lecture for its loader this long
--       5 anew              1: also load a lecture that became ready under another mark
--
-- Returns
--   { "ready" }              the lecture is ready; nothing to do
--   { "busy" }               another loader has the lease
--   { "going", load, step }  the load to go on with, and its step
--
-- Effects: a load that begins closes admission until load-finish, and drops the notes of an earlier
-- load (load-claims.lua). Its steps are "drop:<cursor>" while confirmed claims are dropped, then
-- "add:<rid>" once the decisions up to this rid are added. The step is kept here and belongs to no
-- loader: every loader goes on from it. The lease only saves two loaders the same work; the steps,
-- not the lease, keep them from harm. A load of another mark was left by a Redis that restarted
-- since. Its step may be ahead of its claims, so the load begins again.
-- The terms are written by load-finish: nobody is admitted before.

local lecture = redis.call("HMGET", KEYS[1], "ready", "mark", "load", "step", "loader", "leaseUntilMs")
local ready, mark, load, step, loader = lecture[1], lecture[2], lecture[3], lecture[4], lecture[5]
if ready == "1" and (ARGV[5] ~= "1" or mark == ARGV[3]) then
  return { "ready" }
end

local leaseUntilMs = tonumber(lecture[6])
local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
if ready == "0" and load and step and leaseUntilMs and mark == ARGV[3] then
  -- A lease with more than ARGV[4] left was written before Redis' clock was set back.
  local leftMs = leaseUntilMs - nowMs
  if loader ~= ARGV[1] and leftMs > 0 and leftMs <= tonumber(ARGV[4]) then
    return { "busy" }
  end
else
  load, step = ARGV[2], "drop:0"
  for _, field in ipairs(redis.call("HKEYS", KEYS[1])) do
    if string.sub(field, 1, 4) == "out:" then
      redis.call("HDEL", KEYS[1], field)
    end
  end
  redis.call("HSET", KEYS[1], "ready", "0", "mark", ARGV[3], "load", load, "step", step)
end
redis.call("HSET", KEYS[1], "loader", ARGV[1], "leaseUntilMs", string.format("%.0f", nowMs + ARGV[4]))
return { "going", load, step }
