import type { Change } from "../../contract/terms.ts";
import type { Profile } from "./profile.ts";

/** A world small enough to be walked to every end. */
export interface SmallWorld {
  name: string;
  users: number;
  capacity: number;
  /** the number of users, the first ones, who give their seat back after pressing */
  cancels: number;
  /** crashes of any process */
  crashes: number;
  /** channels lost by workers that go on: two workers then have the same batch */
  channelLosses: number;
  /**
   * claims that Redis loses while their command is in the queue; their users then press with
   * another key
   */
  claimLosses: number;
  /** what an organiser changes meanwhile, at any moment */
  change?: Change;
}

const NO_FAULTS = { cancels: 0, crashes: 0, channelLosses: 0, claimLosses: 0 };
const THREE_USERS = { users: 3, capacity: 2, ...NO_FAULTS };
const TWO_USERS = { users: 2, capacity: 2, ...NO_FAULTS };

export const smallWorlds: SmallWorld[] = [
  { ...THREE_USERS, name: "3 users, 2 seats, 3 crashes", crashes: 3 },
  {
    ...THREE_USERS,
    name: "3 users, 2 seats, a crash, a lost channel",
    crashes: 1,
    channelLosses: 1,
  },
  { ...THREE_USERS, name: "3 users, 2 seats, a cancel, a crash", cancels: 1, crashes: 1 },
  { ...TWO_USERS, name: "2 users, 2 seats, a lost claim, 2 crashes", crashes: 2, claimLosses: 1 },
  {
    ...TWO_USERS,
    name: "2 users, 1 seat cut to none, a crash",
    capacity: 1,
    change: { capacity: 0 },
    crashes: 1,
  },
  {
    ...TWO_USERS,
    name: "2 users, 1 seat, the lecture is cancelled, a crash",
    capacity: 1,
    change: { cancelled: true },
    crashes: 1,
  },
  {
    ...TWO_USERS,
    name: "1 user, 1 seat cut to none, a cancel, a crash",
    users: 1,
    capacity: 1,
    change: { capacity: 0 },
    cancels: 1,
    crashes: 1,
  },
];

/** A profile without chance. */
export function profileOf({ users, capacity }: SmallWorld): Profile {
  return {
    lectures: 1,
    users,
    keys: 1,
    capacity,
    partitions: 1,
    workers: 2,
    edges: users,
    origins: users,
    maxBatch: 2,
    deliveryLimit: 20,
    acts: 0,
    amends: 0,
    chaosSteps: 0,
    faults: 0,
    faultRate: 0,
    timeRate: 0,
    lateMs: 0,
    kinds: [],
    loaded: true,
    refuses: false,
    leaders: "any",
    opensInMs: -1,
    closesInMs: 1e9,
    skewMs: 0,
    slowMs: 0,
    kills: 0,
  };
}
