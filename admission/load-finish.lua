-- Opens admission to a lecture whose claims are complete.
--
-- KEYS  1 lecture   2 claims   3 released
-- ARGV  1 load
--       2 version   3 opensAtMs   4 closesAtMs   5 capacity   6 cancelled (0 or 1)   7 audience
--
-- Returns 1 when this load makes the lecture ready, 0 when the load is already over.
--
-- The terms were read after the load began. An amendment that was decided before that reading is in
-- them; one that is decided later writes its terms later. So newer terms stand already, or these
-- are the newest. A fence stays, and with it the stricter terms: see terms.lua.
-- A noted confirmed claim is added where the held claim in its way has been released since, by a
-- decision loaded later or settled meanwhile. Where that claim is still held, the decision about it
-- brings the confirmed one along.

local unpack = unpack or table.unpack
local names = { "opensAtMs", "closesAtMs", "capacity", "cancelled", "audience" }
local lecture = redis.call("HMGET", KEYS[1], "ready", "load", "version", "fence", unpack(names))
if lecture[1] ~= "0" or lecture[2] ~= ARGV[1] then
  return 0
end
for _, field in ipairs(redis.call("HKEYS", KEYS[1])) do
  local user = string.match(field, "^out:(.+)$")
  if user then
    local claim = redis.call("HGET", KEYS[1], field)
    local isReleased = redis.call("HEXISTS", KEYS[3], string.match(claim, "[^:]+$")) == 1
    if not isReleased and redis.call("HEXISTS", KEYS[2], user) == 0 then
      redis.call("HSET", KEYS[2], user, claim)
    end
    redis.call("HDEL", KEYS[1], field)
  end
end

local version, isFenced = tonumber(lecture[3]) or 0, lecture[4] ~= false
if tonumber(ARGV[2]) >= version then
  local terms, written = { ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7] }, { "version", ARGV[2] }
  if isFenced then
    terms = stricter({ lecture[5], lecture[6], lecture[7], lecture[8], lecture[9] }, terms)
  end
  for at, name in ipairs(names) do
    written[2 * at + 1], written[2 * at + 2] = name, terms[at]
  end
  redis.call("HSET", KEYS[1], unpack(written))
end
redis.call("HSET", KEYS[1], "ready", "1")
redis.call("HDEL", KEYS[1], "load", "step", "loader", "leaseUntilMs")
return 1
