import type { Command } from "./command.ts";
import type { LectureId, Rid, UserId } from "./ids.ts";

/**
 * The Redis keys of a lecture. The braces are a Cluster hash tag: all keys of one lecture live in one slot, so one script
 * may touch them all.
 */
export const redisKeys = {
  /** hash: opensAtMs, closesAtMs, capacity, cancelled (0 or 1), ready (1 once the claims are complete), and how far its load is */
  lecture: (id: LectureId) => `lectern:{${id}}:lecture`,
  /** hash user → `h:<claimedAtMs>:<rid>` (held) or `k:<claimedAtMs>:<rid>` (confirmed) */
  claims: (id: LectureId) => `lectern:{${id}}:claims`,
  /** sorted set user → claimedAtMs of every held claim: what the sweeper looks through */
  held: (id: LectureId) => `lectern:{${id}}:held`,
  /** hash rid → `rejected` or `cancelled`: rids whose claim was released, which are never claimed again */
  released: (id: LectureId) => `lectern:{${id}}:released`,
  /** string with a 10 s expiry: this user tried this lecture a moment ago */
  throttle: (id: LectureId, user: UserId) => `lectern:{${id}}:throttle:${user}`,
} as const;

/** The Redis keys that belong to no lecture. */
export const redisNames = {
  /** hash: name, the mark by which loaders know this Redis again */
  mark: "lectern:mark",
} as const;

/** The RabbitMQ names. Commands are spread by lecture id over the partitions, one consumer each. */
export const queueNames = {
  commands: "lectern.commands",
  partition: (index: number) => `lectern.commands.${index}`,
  dead: "lectern.dead",
  /** of no command: by it a broker proves that it takes messages */
  probe: "lectern.probe",
} as const;

/**
 * How many parents the pending nodes are spread over. A parent's listing must stay below 1 MB, some 19,000 names; all of them together
 * hold close to five million undecided commands.
 */
export const PENDING_SHARDS = 256;

/** The ephemeral ZooKeeper node of the worker that sweeps; its data names the worker. */
export const SWEEPER_PATH = "/sweeper";

/** The ZooKeeper paths, below the session's chroot. */
export const pendingPaths = {
  root: "/pending",
  shard: (index: number) => `/pending/${index.toString(16).padStart(2, "0")}`,
  /** A rid ends in random hex digits; the last two name its shard. */
  shardOf: (rid: Rid) => `/pending/${rid.slice(-2)}`,
  /**
   * A node of its own for every command. Settling an old command deletes by name and so can never take away the node of a
   * newer one of the same user.
   */
  node: (rid: Rid, kind: Command["kind"]) =>
    `${pendingPaths.shardOf(rid)}/${kind === "cancel" ? `${rid}.cancel` : rid}`,
} as const;
