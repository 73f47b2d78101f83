-- Ends a reader's lease that it cannot use, so that the next reader need not wait.
--
-- KEYS  1 lease
-- ARGV  1 reader

if redis.call("GET", KEYS[1]) == ARGV[1] then redis.call("DEL", KEYS[1]) end
