import type { FaultKind, Profile } from "./profile.ts";

/** Of so many worlds, one has each focus; no dice, so that the other worlds stay. */
const EVERY = 12;

/** Of so many worlds, one has each rarer focus instead. */
const RARELY = 2 * EVERY;

const REFUSING_AT = 8;

/** The focus of some worlds, by their seed's remainder: other worlds rarely show these mistakes. */
const FOCUSES: Record<number, Partial<Profile>> = {
  /** Users come back after their throttle, and old commands come again. */
  1: {
    ...always(),
    users: 2,
    keys: 2,
    capacity: 1,
    timeRate: 0.4,
    lateMs: 12_000,
    kinds: ["reply_lost", "worker_crash", "channel_lost"],
    faults: 6,
  },
  /** Workers' clocks are set while commands are lost. */
  2: {
    ...always(),
    timeRate: 0.2,
    lateMs: 12_000,
    kinds: ["worker_clock_set", "worker_clock_set", "front_crash", "front_crash", "request_lost"],
  },
  /** Sessions end while a leader looks at its node. */
  7: {
    ...always(),
    leaders: "elected",
    faults: 30,
    faultRate: 0.1,
    timeRate: 0.15,
    lateMs: 12_000,
    kinds: ["session_lost", "session_lost", "reply_lost", "request_late"],
  },
  /** Channels are lost while dead letters are tried. */
  10: {
    ...always(),
    users: 6,
    keys: 3,
    partitions: 1,
    maxBatch: 1,
    deliveryLimit: 0,
    kinds: ["channel_lost", "channel_lost", "channel_lost", "worker_crash"],
  },
  /** A command kills its workers, and its dead letter is tried beside others. */
  0: {
    ...always(),
    kills: 1,
    deliveryLimit: 0,
    timeRate: 0.1,
    kinds: ["channel_lost", "worker_crash", "reply_lost", "request_late"],
  },
};

/** The same for mistakes that need several faults at the right moments. */
const RARE_FOCUSES: Record<number, Partial<Profile>> = {
  /** Redis loses claims under decision, and their users press with another key. */
  11: {
    ...always(),
    users: 2,
    keys: 3,
    capacity: 2,
    partitions: 1,
    maxBatch: 1,
    faults: 200,
    faultRate: 0.1,
    kinds: [...Array<FaultKind>(8).fill("claim_lost"), "channel_lost"],
    loadSizes: { dropped: 1, added: 1, decisions: 2 },
  },
  /** Two loaders load a lecture in small steps; Redis' clock is set back, and loaders die. */
  16: {
    ...always(),
    users: 6,
    keys: 3,
    capacity: 4,
    leaders: "any",
    timeRate: 0.1,
    slowMs: 200,
    faults: 20,
    kinds: ["redis_clock_set", "redis_empty", "worker_crash", "leader_change"],
    loadSizes: { dropped: 1, added: 1, decisions: 1 },
  },
  /** Redis falls back to its first data, again and again, while lectures load and people press. */
  18: {
    ...always(),
    lectures: 2,
    users: 4,
    keys: 3,
    capacity: 4,
    leaders: "any",
    timeRate: 0.1,
    faults: 20,
    faultRate: 0.03,
    kinds: ["redis_older"],
    loadSizes: { dropped: 1, added: 1, decisions: 1 },
  },
  /** The booking window ends while people press. */
  23: {
    ...always(),
    users: 6,
    keys: 3,
    capacity: 4,
    timeRate: 0.15,
    closesInMs: 6_000,
    faults: 2,
    kinds: ["request_late"],
  },
};

function always(): Partial<Profile> {
  return {
    lectures: 1,
    acts: 40,
    chaosSteps: 900,
    faults: 14,
    faultRate: 0.05,
    workers: 2,
    loaded: true,
    opensInMs: -60_000,
    closesInMs: 3_600_000,
    slowMs: 0,
    kills: 0,
    amends: 0,
  };
}

/** A world's profile with its seed's focus. */
export function focused(profile: Profile, seed: number): Profile {
  const at = seed % EVERY;
  const focus = RARE_FOCUSES[seed % RARELY] ?? FOCUSES[at];
  return { ...profile, ...focus, refuses: at === REFUSING_AT };
}
