-- Begins to load a lecture, or goes on with a load that another loader has left.
--
-- KEYS  1 lecture
-- ARGV  1 loader            who asks
--       2 load              name of the load that begins, should one begin
--       3 mark              which Redis this is (opening.ts)
--       4 lease             in ms: for how long the loader is left alone after each step
--       5 opensAtMs   6 closesAtMs   7 capacity   8 cancelled (0 or 1)
--       9 anew              1: a lecture that was made ready under another mark is loaded as well
--
-- Returns
--   { "ready" }              the lecture is ready; nothing is to be done
--   { "busy" }               another loader is at it and has its lease
--   { "going", load, step }  the load to go on with, and how far it is
--
-- A load that begins closes admission until load-finish. Its steps are "drop:<cursor>", while confirmed claims are dropped, and then
-- "add:<rid>", where the decisions up to this rid are added. The step is kept here and belongs to nobody: whoever goes on with a
-- load goes on from its step. The lease only spares two loaders the same work. It is not what keeps them from harm.
-- A load of another mark was left behind by a Redis that restarted since. Its step may be ahead of its claims, so it is begun anew.
-- A load that begins forgets what an earlier one has noted down (load-claims.lua).

local lecture = redis.call("HMGET", KEYS[1], "ready", "mark", "load", "step", "loader", "leaseUntilMs")
local ready, mark, load, step, loader = lecture[1], lecture[2], lecture[3], lecture[4], lecture[5]
if ready == "1" and (ARGV[9] ~= "1" or mark == ARGV[3]) then
  return { "ready" }
end

local leaseUntilMs = tonumber(lecture[6])
local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
if ready == "0" and load and step and leaseUntilMs and mark == ARGV[3] then
  -- A lease that reaches further than any lease was written before Redis' clock was set back.
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
  redis.call("HSET", KEYS[1], "ready", "0", "mark", ARGV[3], "load", load, "step", step,
    "opensAtMs", ARGV[5], "closesAtMs", ARGV[6], "capacity", ARGV[7], "cancelled", ARGV[8])
end
redis.call("HSET", KEYS[1], "loader", ARGV[1], "leaseUntilMs", string.format("%.0f", nowMs + ARGV[4]))
return { "going", load, step }
