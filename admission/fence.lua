-- Fences a lecture before an amendment is decided: from here on nobody is let in whom the terms
-- before it or the terms after it keep out.
--
-- KEYS  1 lecture   2 claims
-- ARGV  1 rid of the amendment; "" for a look that fences nothing
--       2 opensAtMs   3 closesAtMs   4 capacity   5 cancelled (0 or 1)   6 audience (stricter.lua)
--
-- Returns { outcome, live claims }
--   ready       the claims are complete, and no more are taken than these terms allow
--   not_ready   claims may be missing: their number says nothing
--
-- Effects: the lecture gets the stricter of its terms and of these, and notes the rid. The field
-- "fence" is ",rid,rid," of all amendments under decision; terms.lua takes its rid out. The terms
-- only get stricter while one is left. A second run for a rid changes nothing.

local unpack = unpack or table.unpack
local names = { "opensAtMs", "closesAtMs", "capacity", "cancelled", "audience" }
local lecture = redis.call("HMGET", KEYS[1], "ready", "fence", unpack(names))
local taken = redis.call("HLEN", KEYS[2])

local before = { lecture[3], lecture[4], lecture[5], lecture[6], lecture[7] }
if ARGV[1] == "" then
  local isAsStrict = tonumber(before[3]) and tonumber(before[3]) <= tonumber(ARGV[4])
  return { lecture[1] == "1" and isAsStrict and "ready" or "not_ready", taken }
end

local terms, written = stricter(before, { ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6] }), {}
for at, name in ipairs(names) do
  written[2 * at - 1], written[2 * at] = name, terms[at]
end
local fence = lecture[2] or ","
if not string.find(fence, "," .. ARGV[1] .. ",", 1, true) then
  fence = fence .. ARGV[1] .. ","
end
redis.call("HSET", KEYS[1], "fence", fence, unpack(written))
return { lecture[1] == "1" and "ready" or "not_ready", taken }
