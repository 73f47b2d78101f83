import type { CacheWorld } from "./cache-world.ts";

const CALM: Omit<CacheWorld, "name" | "clients"> = {
  edgeReads: 0,
  writers: 1,
  firstVersion: 1,
  hasReplica: false,
  readerCrashes: 0,
  writerCrashes: 0,
  losses: 0,
  redisLosses: 0,
  leaseEnds: 0,
  agings: 0,
};

const once = (...processes: string[]) => processes.map((at) => ({ at, reads: 1 }));

/**
 * Together they hold every pair of faults that the cache is promised to stand. One is left out: a
 * writer that cannot reach Redis and then dies; its lecture is old until it expires.
 */
export const cacheWorlds: CacheWorld[] = [
  {
    ...CALM,
    name: "2 readers, a writer, crashes of both kinds",
    clients: once("a", "b"),
    readerCrashes: 1,
    writerCrashes: 1,
    leaseEnds: 1,
  },
  {
    ...CALM,
    name: "2 readers of one process and 1 of another, a writer",
    clients: once("a", "a", "b"),
  },
  {
    ...CALM,
    name: "a reader, 2 writers, one of them dies",
    clients: once("a"),
    writers: 2,
    writerCrashes: 1,
  },
  {
    ...CALM,
    name: "a replica, a writer that may die",
    clients: [{ at: "a", reads: 2 }, ...once("b")],
    hasReplica: true,
    writerCrashes: 1,
  },
  {
    ...CALM,
    name: "a refresh, a writer that may die",
    clients: [{ at: "a", reads: 2 }, ...once("b")],
    writerCrashes: 1,
    agings: 1,
  },
  {
    ...CALM,
    name: "a request or reply to Redis is lost",
    clients: once("a", "b"),
    losses: 1,
    leaseEnds: 1,
  },
  {
    ...CALM,
    name: "a reader, a writer that loses two requests or replies",
    clients: [{ at: "a", reads: 2 }],
    losses: 2,
  },
  {
    ...CALM,
    name: "Redis loses everything",
    clients: once("a", "b"),
    hasReplica: true,
    redisLosses: 1,
  },
  {
    ...CALM,
    name: "an edge, a writer that may die",
    clients: [],
    edgeReads: 3,
    writerCrashes: 1,
  },
  {
    ...CALM,
    name: "an edge, a reader, a writer, a lost request or reply",
    clients: once("a"),
    edgeReads: 2,
    losses: 1,
  },
  {
    ...CALM,
    name: "a lecture that is made while it is asked for",
    clients: once("a", "b"),
    firstVersion: 0,
    writerCrashes: 1,
    readerCrashes: 1,
  },
];
