-- Drops some confirmed claims of a lecture that is being loaded, and advances its step.
--
-- KEYS  1 lecture   2 claims
-- ARGV  1 load   2 loader   3 lease in ms   4 how many claims to look at
--
-- Returns the step to go on from, "" when this load is over. Changes nothing after the last drop.
--
-- Confirmed claims are dropped because the decisions know them better: an old claim would block the
-- seat that its user has booked since. Held claims stay: they may be the only trace of a request.
-- A claim confirmed meanwhile may be dropped too: the decisions, read after the last drop, include
-- its decision.
-- A lecture may have a million claims, and Redis serves nobody while a script runs: runs are small.

local lecture = redis.call("HMGET", KEYS[1], "ready", "load", "step")
if lecture[1] ~= "0" or lecture[2] ~= ARGV[1] then
  return ""
end
local cursor = string.match(lecture[3], "^drop:(%d+)$")
if not cursor then
  return lecture[3]
end

local unpack = unpack or table.unpack
local page = redis.call("HSCAN", KEYS[2], cursor, "COUNT", ARGV[4])
local fields, confirmed = page[2], {}
for at = 1, #fields, 2 do
  if string.sub(fields[at + 1], 1, 2) == "k:" then
    confirmed[#confirmed + 1] = fields[at]
  end
end
for from = 1, #confirmed, 1000 do
  redis.call("HDEL", KEYS[2], unpack(confirmed, from, math.min(from + 999, #confirmed)))
end

local step = page[1] == "0" and "add:" or "drop:" .. page[1]
local time = redis.call("TIME")
local leaseUntilMs = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3]
redis.call("HSET", KEYS[1], "step", step, "loader", ARGV[2],
  "leaseUntilMs", string.format("%.0f", leaseUntilMs))
return step
