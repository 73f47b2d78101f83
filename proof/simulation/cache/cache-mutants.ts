import type { Mutant } from "../mutant.ts";

const fill = "catalogue/cache/fill.lua";
const lookUp = "catalogue/cache/look-up.lua";
const invalidate = "catalogue/cache/invalidate.lua";

/** Each must be found by its world. */
export const cacheMutants: (Mutant & { world: string })[] = [
  {
    name: "a fill does not compare gen",
    world: "2 readers, a writer, crashes of both kinds",
    file: fill,
    edits: [['if gen ~= ARGV[2] then return "gen" end', ""]],
  },
  {
    name: "a write leaves no floor",
    world: "a replica, a writer that may die",
    file: invalidate,
    edits: [["if tonumber(ARGV[3]) > tonumber(floor) then", "if false then"]],
  },
  {
    name: "a lecture is dropped before the write only",
    world: "a request or reply to Redis is lost",
    file: invalidate,
    edits: [
      ['redis.call("DEL", KEYS[1])', 'if ARGV[2] ~= "0" then redis.call("DEL", KEYS[1]) end'],
    ],
  },
  {
    name: "a lecture is dropped after the write only",
    world: "2 readers, a writer, crashes of both kinds",
    file: invalidate,
    edits: [
      ['redis.call("DEL", KEYS[1])', 'if ARGV[2] == "0" then redis.call("DEL", KEYS[1]) end'],
    ],
  },
  {
    name: "a fill does not look at the lease",
    world: "2 readers, a writer, crashes of both kinds",
    file: fill,
    edits: [['if redis.call("GET", KEYS[3]) ~= ARGV[1] then return "lease" end', ""]],
  },
  {
    name: "a lease is given while a write is under way",
    world: "2 readers, a writer, crashes of both kinds",
    file: lookUp,
    edits: [["local lease = writers == 0 and redis.call", "local lease = redis.call"]],
  },
  {
    name: "a write that ends takes the marks of others along",
    world: "a reader, 2 writers, one of them dies",
    file: invalidate,
    edits: [['redis.call("ZREM", KEYS[3], ARGV[1])', 'redis.call("DEL", KEYS[3])']],
  },
  {
    name: "a caller joins a flight that began before it came",
    world: "2 readers of one process and 1 of another, a writer",
    file: "catalogue/cache/flights.ts",
    edits: [["return flight.next;", "return flight.now;"]],
  },
  {
    name: "a replica is believed without a floor",
    world: "Redis loses everything",
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
    world: "a replica, a writer that may die",
    file: "catalogue/replicas.ts",
    edits: [["found !== undefined && found.version >= (atLeast ?? 0)", "found !== undefined"]],
  },
  {
    name: "a write that Redis did not hear of is not told again",
    world: "a reader, a writer that loses two requests or replies",
    file: "catalogue/cache/writing-lecture.ts",
    edits: [["void retry(what);", ""]],
  },
  {
    name: "a generation begins before the write only",
    world: "an edge, a writer that may die",
    file: "catalogue/cache/writing-lecture.ts",
    edits: [
      [
        "await beginWrite(redis, id, writer).catch(() => {});",
        "await beginWrite(redis, id, writer).then(nextGeneration, () => {});",
      ],
      ["        await nextGeneration();\n", ""],
    ],
  },
  {
    name: "a generation begins before the lecture is dropped",
    world: "an edge, a reader, a writer, a lost request or reply",
    file: "catalogue/cache/writing-lecture.ts",
    edits: [
      [
        "await endWrite(redis, id, writer, version);\n        await nextGeneration();",
        "await nextGeneration();\n        await endWrite(redis, id, writer, version);",
      ],
    ],
  },
  {
    name: "an edge takes the generation that it knows when the answer comes",
    world: "an edge, a writer that may die",
    file: "edge/kept-reads.ts",
    edits: [
      ["generation: generation.current(),", "get generation() { return generation.current(); },"],
    ],
  },
];
