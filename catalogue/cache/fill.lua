-- Fills the cache with what the reader that holds the lease has read.
--
-- KEYS  1 lecture   2 state   3 lease
-- ARGV  1 reader   2 gen at the look-up   3 version   4 lecture
--       5 how long it is kept, in ms   6 how long the state is kept, in ms
--
-- Returns filled, or why nothing was changed:
--   lease   the reader's lease is over, and another reader may be at work
--   gen     a write began or ended since the look-up: the reader may have read before it
--   floor   a newer version was written or shown
-- The lease ends with the fill, refused or not. A version that was shown is the floor from then on.

if redis.call("GET", KEYS[3]) ~= ARGV[1] then return "lease" end
redis.call("DEL", KEYS[3])
local state = redis.call("HMGET", KEYS[2], "gen", "floor")
local gen, floor = state[1] or "0", state[2]
if gen ~= ARGV[2] then return "gen" end
if floor and tonumber(ARGV[3]) < tonumber(floor) then return "floor" end

redis.call("SET", KEYS[1], ARGV[4], "PX", ARGV[5])
redis.call("HSET", KEYS[2], "floor", ARGV[3])
if redis.call("PTTL", KEYS[2]) < tonumber(ARGV[6]) then redis.call("PEXPIRE", KEYS[2], ARGV[6]) end
return "filled"
