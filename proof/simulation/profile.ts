/** A world's parts and faults, all drawn from its seed. */
export interface Profile {
  lectures: number;
  users: number;
  /** Idempotency-Keys that a user presses with, per lecture */
  keys: number;
  capacity: number;
  partitions: number;
  workers: number;
  edges: number;
  origins: number;
  maxBatch: number;
  deliveryLimit: number;
  /** the total of the users' actions */
  acts: number;
  /** the total of the organisers' changes */
  amends: number;
  /** steps before everything heals */
  chaosSteps: number;
  faults: number;
  /** the probability that a step is a fault, while faults are left */
  faultRate: number;
  /** the probability that time passes although an operation could go on */
  timeRate: number;
  /** the greatest delay of a timer, as in a paused process, in milliseconds */
  lateMs: number;
  kinds: FaultKind[];
  /** Redis knows the lectures from the beginning */
  loaded: boolean;
  /** the origins refuse users with a seat at the same hours: every second question finds one */
  refuses: boolean;
  /** elected by ZooKeeper, or arbitrary, including two at once */
  leaders: "elected" | "any";
  /** from the beginning of the world, in milliseconds */
  opensInMs: number;
  closesInMs: number;
  /** the size of a lecture's loading steps; absent: as in production */
  loadSizes?: { dropped: number; added: number; decisions: number };
  /**
   * the duration of an operation after the heal, in milliseconds; it makes a lecture large compared
   * with the workers' looks
   */
  slowMs: number;
  /** the difference of the workers' clocks from Redis', in milliseconds */
  skewMs: number;
  /** the probability that one certain command kills the worker deciding it; 0: no such command */
  kills: number;
}

const faultKinds = [
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

/** The greatest error of a clock, in milliseconds. */
export const WRONG_MS = 900_000;

/** Draws a small world, in which possible events are frequent. */
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
    amends: chance(0.5) ? from(1, 5) : 0,
    chaosSteps: from(100, 900),
    faults: kinds.length === 0 ? 0 : from(0, 14),
    faultRate: from(1, 8) / 100,
    timeRate: chance(0.5) ? 0.02 : from(1, 15) / 100,
    lateMs: [0, 3_000, 12_000][from(0, 2)] ?? 0,
    kinds,
    loaded: chance(0.8),
    refuses: false,
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
  // No worker loads a lecture that closes before it opens.
  const closesInMs = Math.max(profile.closesInMs, profile.opensInMs + SHORTEST_WINDOW_MS);
  // A killing command is given up only after three lost workers, which takes too long on slow
  // servers.
  const slowMs = profile.kills > 0 ? 0 : profile.slowMs;
  const sensible = { ...profile, closesInMs, slowMs };
  if (chance(0.1)) return forgetful(sensible);
  return chance(0.2) ? amending(sensible, from(3, 5)) : sensible;
}

/** A world of many presses and many changes, in which Redis mostly keeps its data. */
function amending(profile: Profile, capacity: number): Profile {
  const kinds = profile.kinds.filter((kind) => !LOSES_DATA.has(kind));
  return {
    ...profile,
    lectures: 1,
    users: 6,
    keys: 3,
    capacity,
    acts: 40,
    amends: 8,
    chaosSteps: 900,
    kinds: [...kinds, "request_late", "reply_lost", "worker_crash"],
    faults: 10,
    faultRate: 0.04,
    loaded: true,
    opensInMs: -60_000,
    closesInMs: 3_600_000,
  };
}

const LOSES_DATA: ReadonlySet<FaultKind> = new Set([
  "redis_older",
  "redis_empty",
  "redis_flushed",
  "claim_lost",
]);

/**
 * A world with frequent double claims: Redis loses a claim under decision, and its user presses
 * with another key.
 */
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
