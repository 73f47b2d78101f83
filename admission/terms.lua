-- Writes the terms of a lecture as MySQL has them, and ends the fence of an amendment.
--
-- KEYS  1 lecture
-- ARGV  1 rid of a decided amendment, or ""
--       2 version   3 opensAtMs   4 closesAtMs   5 capacity   6 cancelled (0 or 1)   7 audience
--
-- Returns what was done
--   written   these terms stand
--   fenced    the stricter of these and the standing terms stand: another amendment is undecided
--   known     these terms, or newer ones, stood
--
-- The field "version" is the newest that Redis has heard of. The field "fence" is ",rid,rid," of
-- the amendments under decision: while it stands, the terms may be stricter than those of the
-- version. Older terms never replace newer ones. Where older terms end the last fence, the fence
-- stays as ",": the stricter terms wait for a writer of newer ones, and the sweep is one.
-- Terms without a version were written before versions were.

local unpack = unpack or table.unpack
local names = { "opensAtMs", "closesAtMs", "capacity", "cancelled", "audience" }
local lecture = redis.call("HMGET", KEYS[1], "version", "fence", unpack(names))
local version, fence = tonumber(lecture[1]) or 0, lecture[2]
local isStricter = fence ~= false
if fence and ARGV[1] ~= "" then
  local from, to = string.find(fence, "," .. ARGV[1] .. ",", 1, true)
  if from then
    fence = string.sub(fence, 1, from) .. string.sub(fence, to + 1)
    redis.call("HSET", KEYS[1], "fence", fence)
  end
end

if tonumber(ARGV[2]) < version or (tonumber(ARGV[2]) == version and not isStricter) then
  return "known"
end

local isFenced = fence and fence ~= ","
local terms, written = { ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7] }, { "version", ARGV[2] }
if isFenced then
  terms = stricter({ lecture[3], lecture[4], lecture[5], lecture[6], lecture[7] }, terms)
end
for at, name in ipairs(names) do
  written[2 * at + 1], written[2 * at + 2] = name, terms[at]
end
redis.call("HSET", KEYS[1], unpack(written))
if isFenced then
  return "fenced"
end
redis.call("HDEL", KEYS[1], "fence")
return "written"
