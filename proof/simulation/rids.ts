import { type LectureId, type Rid, ridOf, type UserId } from "../../contract/ids.ts";
import { pendingPaths } from "../../contract/names.ts";

/** A user's possible wish: a seat of a lecture, under its own key. */
export interface Intent {
  lectureId: LectureId;
  userId: UserId;
  rid: Rid;
}

const LECTURES = 2;
const USERS = 6;
const KEYS = 3;
/**
 * Only keys with rids in the first shards are used, so that a listing of all shards asks for these
 * few alone.
 */
const SHARDS = 3;

export const shards: ReadonlySet<string> = new Set(
  Array.from({ length: SHARDS }, (_, at) => pendingPaths.shard(at)),
);

/** The rids that worlds use, computed once. */
export function makeIntents(): Intent[][][] {
  const lectures = Array.from({ length: LECTURES }, (_, at) => String(at + 1));
  const users = Array.from({ length: USERS }, (_, at) => `u${at + 1}`);
  return lectures.map((lectureId) => users.map((userId) => intentsOf(lectureId, userId)));
}

function intentsOf(lectureId: LectureId, userId: UserId): Intent[] {
  const intents: Intent[] = [];
  for (let key = 0; intents.length < KEYS; key += 1) {
    const rid = ridOf(lectureId, userId, `key-${key}`);
    if (shards.has(pendingPaths.shardOf(rid))) intents.push({ rid, lectureId, userId });
  }
  return intents;
}
