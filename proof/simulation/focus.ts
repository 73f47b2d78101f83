import type { Profile } from "./profile.ts";

/** Of so many worlds, one has each focus; no dice, so that the other worlds stay. */
const EVERY = 12;

const REFUSING_AT = 8;

/** What some worlds insist on, by their seed's remainder: mistakes that other worlds rarely show. */
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
  return { ...profile, ...FOCUSES[at], refuses: at === REFUSING_AT };
}
