import { type LectureId, type Rid, ridOf, type UserId } from "../contract/ids.ts";
import { pendingPaths } from "../contract/names.ts";

/** One thing a user may want: a seat of a lecture, under a key of its own. */
export interface Intent {
  lectureId: LectureId;
  userId: UserId;
  rid: Rid;
}

const LECTURES = 2;
const USERS = 6;
const KEYS = 3;
/** Only keys whose rids lie in the first shards are used, so that listing all shards asks for these few alone. */
const SHARDS = 3;

export const shards: ReadonlySet<string> = new Set(
  Array.from({ length: SHARDS }, (_, at) => pendingPaths.shard(at)),
);

/**
 * The rids that worlds use, computed by the real ridOf once and for all: it asks WebCrypto, which answers when it likes, and in a
 * world nothing may happen but by a step.
 */
export async function makeIntents(): Promise<Intent[][][]> {
  const lectures = Array.from({ length: LECTURES }, (_, at) => String(at + 1));
  const users = Array.from({ length: USERS }, (_, at) => `u${at + 1}`);
  return Promise.all(
    lectures.map((lectureId) => Promise.all(users.map((userId) => intentsOf(lectureId, userId)))),
  );
}

async function intentsOf(lectureId: LectureId, userId: UserId): Promise<Intent[]> {
  const intents: Intent[] = [];
  for (let key = 0; intents.length < KEYS; key += 1) {
    const rid = await ridOf(lectureId, userId, `key-${key}`);
    if (shards.has(pendingPaths.shardOf(rid))) intents.push({ lectureId, userId, rid });
  }
  return intents;
}
