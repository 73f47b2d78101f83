import type { Command } from "./command.ts";
import type { LectureId, Rid, UserId } from "./ids.ts";
import { noCase } from "./no-case.ts";

/**
 * The Redis keys of a lecture. The braces are a Cluster hash tag: one slot holds all keys of a
 * lecture, so one script may touch them all.
 */
export const redisKeys = {
  /**
   * hash: the terms as of their version (opensAtMs, closesAtMs, capacity, cancelled 0 or 1,
   * audience, version), ready (1 once the claims are complete), the progress of its load, and the
   * fence (rid of the amendment under decision, whose stricter terms stand meanwhile)
   */
  lecture: (id: LectureId) => `lectern:{${id}}:lecture`,
  /** hash user → `h:<claimedAtMs>:<rid>` (held) or `k:<claimedAtMs>:<rid>` (confirmed) */
  claims: (id: LectureId) => `lectern:{${id}}:claims`,
  /** sorted set user → claimedAtMs of every held claim; the sweep reads it */
  held: (id: LectureId) => `lectern:{${id}}:held`,
  /** hash rid → `rejected` or `cancelled`: released rids, which are never claimed again */
  released: (id: LectureId) => `lectern:{${id}}:released`,
  /** string with a 10 s expiry: the user's last attempt at this lecture */
  throttle: (id: LectureId, user: UserId) => `lectern:{${id}}:throttle:${user}`,
} as const;

/**
 * The Redis keys of a cached lecture. They lie apart from the keys of its seats: a scan or
 * removal of those does not meet them. All of them expire.
 */
export const cacheKeys = {
  /** string `<version> <JSON>`: the lecture as it is answered; without JSON where none is shown */
  lecture: (id: LectureId) => `lectern:catalogue:{${id}}:lecture`,
  /**
   * hash: gen (changes with every invalidation), floor (the least version that may be shown, once
   * one is known)
   */
  state: (id: LectureId) => `lectern:catalogue:{${id}}:state`,
  /** string: the reader that may fill the cache */
  lease: (id: LectureId) => `lectern:catalogue:{${id}}:lease`,
  /** sorted set writer → end of its mark in Unix milliseconds: writes that may be under way */
  writers: (id: LectureId) => `lectern:catalogue:{${id}}:writers`,
} as const;

/** The Redis keys that belong to no lecture. */
export const redisNames = {
  /** hash: name, the mark by which loaders recognise this Redis */
  mark: "lectern:mark",
  /** string: another one after each change of the catalogue; see catalogue/cache/generation.ts */
  generation: "lectern:catalogue:generation",
} as const;

/** The RabbitMQ names. Lecture ids spread the commands over the partitions, one consumer each. */
export const queueNames = {
  commands: "lectern.commands",
  partition: (index: number) => `lectern.commands.${index}`,
  dead: "lectern.dead",
  /** holds no command: a broker proves with it that it takes messages */
  probe: "lectern.probe",
} as const;

/**
 * The number of parents of the pending nodes. A parent's listing must stay below 1 MB, some 19,000
 * names. All of them together hold close to five million undecided commands.
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
   * Every command has its own node. Settling an old command deletes by name, so it never deletes
   * the node of the user's newer command.
   */
  node: (rid: Rid, kind: Command["kind"]): string => {
    switch (kind) {
      case "reserve":
        return `${pendingPaths.shardOf(rid)}/${rid}`;
      case "cancel":
        return `${pendingPaths.shardOf(rid)}/${rid}.cancel`;
      case "amend":
        return `${pendingPaths.shardOf(rid)}/${rid}.amend`;
      default:
        return noCase(kind);
    }
  },
} as const;
