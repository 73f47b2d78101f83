import type { Mutant } from "../mutant.ts";

const fill = "catalogue/cache/fill.lua";
const lookUp = "catalogue/cache/look-up.lua";
const invalidate = "catalogue/cache/invalidate.lua";

/** Each must be found by one of the worlds. */
export const cacheMutants: Mutant[] = [
  {
    name: "a fill does not compare gen",
    file: fill,
    edits: [['if gen ~= ARGV[2] then return "gen" end', ""]],
  },
  {
    name: "a write leaves no floor",
    file: invalidate,
    edits: [["if tonumber(ARGV[4]) > tonumber(floor) then", "if false then"]],
  },
  {
    name: "a lecture is dropped before the write only",
    file: invalidate,
    edits: [
      [
        'redis.call("DEL", KEYS[1], KEYS[3])',
        'if ARGV[3] ~= "0" then redis.call("DEL", KEYS[1], KEYS[3]) end',
      ],
    ],
  },
  {
    name: "a lecture is dropped after the write only",
    file: invalidate,
    edits: [
      [
        'redis.call("DEL", KEYS[1], KEYS[3])',
        'if ARGV[3] == "0" then redis.call("DEL", KEYS[1], KEYS[3]) end',
      ],
    ],
  },
  {
    name: "a fill does not look at the lease",
    file: fill,
    edits: [['if redis.call("GET", KEYS[3]) ~= ARGV[1] then return "lease" end', ""]],
  },
  {
    name: "a lease is given while a write is under way",
    file: lookUp,
    edits: [["local lease = writers == 0 and redis.call", "local lease = redis.call"]],
  },
  {
    name: "a write that ends takes the marks of others along",
    file: invalidate,
    edits: [['redis.call("ZREM", KEYS[4], ARGV[1])', 'redis.call("DEL", KEYS[4])']],
  },
  {
    name: "gen begins at the same number in every Redis",
    file: "catalogue/cache/store.ts",
    edits: [
      [
        "return String(Math.floor(random * 2 ** 52));",
        "return String(1_000_000_000 + 0 * random);",
      ],
    ],
  },
  {
    name: "a caller joins a flight that began before it came",
    file: "catalogue/cache/flights.ts",
    edits: [["return flight.next;", "return flight.now;"]],
  },
  {
    name: "a replica is believed without a floor",
    file: "catalogue/cache/lecture-cache.ts",
    edits: [
      [
        "if (found?.floor === undefined || found.isWritten) return undefined;",
        "if (!found) return undefined;",
      ],
      [
        "return Math.max(found.floor, newest?.version ?? 0);",
        "return Math.max(found.floor ?? 0, newest?.version ?? 0);",
      ],
    ],
  },
  {
    name: "a replica's row is taken however old it is",
    file: "catalogue/replicas.ts",
    edits: [["found !== undefined && found.version >= (atLeast ?? 0)", "found !== undefined"]],
  },
  {
    name: "a write that Redis did not hear of is not told again",
    file: "catalogue/cache/writing-lecture.ts",
    edits: [["void retry(id, writer, version);", ""]],
  },
];
