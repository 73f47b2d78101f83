/** What a world is made of and what may go wrong in it; all of it drawn from its seed. */
export interface Profile {
  lectures: number;
  users: number;
  /** Idempotency-Keys that a user presses with, for each lecture */
  keys: number;
  capacity: number;
  partitions: number;
  workers: number;
  edges: number;
  origins: number;
  maxBatch: number;
  deliveryLimit: number;
  /** what users do, in all */
  acts: number;
  /** steps before everything heals */
  chaosSteps: number;
  faults: number;
  /** how likely a step is a fault, while some are left */
  faultRate: number;
  /** how likely time passes although something could be done */
  timeRate: number;
  /** by how much a timer may be late, as that of a process that was paused, in milliseconds */
  lateMs: number;
  kinds: FaultKind[];
  /** Redis knows the lectures from the beginning */
  loaded: boolean;
  /** by ZooKeeper, or as the world pleases, two at once included */
  leaders: "elected" | "any";
  /** from the beginning of the world, in milliseconds */
  opensInMs: number;
  closesInMs: number;
  /** how much of a lecture is loaded in one step; as in production where left out */
  loadSizes?: { dropped: number; added: number; decisions: number };
  /** how long an operation is under way once everything has healed, in milliseconds: a lecture is then large against the worker's looks */
  slowMs: number;
  /** how far the workers' clocks are from Redis', in milliseconds */
  skewMs: number;
  /** how likely a worker does not survive to decide one certain command: 0 where there is no such */
  kills: number;
}

export const faultKinds = [
  "request_lost",
  "request_late",
  "reply_lost",
  "refused",
  "worker_crash",
  "front_crash",
  "channel_lost",
  "session_lost",
  "redis_restart",
  "redis_older",
  "redis_empty",
  "redis_flushed",
  "claim_lost",
  "leader_change",
  "worker_clock_set",
  "redis_clock_set",
  "repartitioned",
] as const;
export type FaultKind = (typeof faultKinds)[number];

const SHORTEST_WINDOW_MS = 500;

/** By how much a clock may be wrong, in milliseconds. */
export const WRONG_MS = 900_000;

/** Draws a world: small, so that what can happen in it happens often. */
export function drawProfile(random: () => number): Profile {
  const from = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  const chance = (of: number) => random() < of;
  const kinds = faultKinds.filter(() => chance(0.5));
  const profile: Profile = {
    lectures: chance(0.2) ? 2 : 1,
    users: from(2, 6),
    keys: from(1, 3),
    capacity: from(1, 4),
    partitions: from(1, 2),
    workers: chance(0.15) ? 1 : 2,
    edges: from(1, 2),
    origins: from(1, 2),
    maxBatch: chance(0.3) ? 1 : from(2, 5),
    deliveryLimit: chance(0.4) ? from(0, 2) : 20,
    acts: from(6, 30),
    chaosSteps: from(100, 900),
    faults: kinds.length === 0 ? 0 : from(0, 14),
    faultRate: from(1, 8) / 100,
    timeRate: chance(0.5) ? 0.02 : from(1, 15) / 100,
    lateMs: [0, 3_000, 12_000][from(0, 2)] ?? 0,
    kinds,
    loaded: chance(0.8),
    leaders: chance(0.4) ? "elected" : "any",
    opensInMs: chance(0.8) ? -60_000 : from(0, 8_000),
    closesInMs: chance(0.9) ? 3_600_000 : from(2_000, 30_000),
    skewMs: chance(0.8) ? 0 : from(-WRONG_MS, WRONG_MS),
    kills: chance(0.06) ? from(4, 5) / 5 : 0,
    slowMs: chance(0.7) ? 0 : from(50, 200),
    ...(chance(0.7) && {
      loadSizes: { dropped: from(1, 2), added: from(1, 2), decisions: from(1, 4) },
    }),
  };
  // A lecture that closes before it opens is loaded by nobody.
  const closesInMs = Math.max(profile.closesInMs, profile.opensInMs + SHORTEST_WINDOW_MS);
  // Three workers are lost with a killing command before it is given up: too long on slow servers.
  const slowMs = profile.kills > 0 ? 0 : profile.slowMs;
  const sensible = { ...profile, closesInMs, slowMs };
  return chance(0.1) ? forgetful(sensible) : sensible;
}

/** A world in which users often claim twice: Redis loses a claim that is being decided, and its user presses with another key. */
function forgetful(profile: Profile): Profile {
  return {
    ...profile,
    lectures: 1,
    users: 2,
    keys: 3,
    acts: 30,
    faults: 10,
    faultRate: 0.05,
    kinds: ["claim_lost", "claim_lost", "claim_lost", ...profile.kinds],
    loaded: true,
    opensInMs: -60_000,
    closesInMs: 3_600_000,
  };
}
