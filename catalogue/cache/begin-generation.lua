-- Begins a generation of the catalogue.
--
-- KEYS  1 generation
-- ARGV  1 its name, which no generation had before

redis.call("SET", KEYS[1], ARGV[1])
