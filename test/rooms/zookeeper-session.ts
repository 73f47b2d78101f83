import { randomBytes } from "node:crypto";
import type { CancelCommand, ReserveCommand } from "../../contract/command.ts";
import type { LectureId } from "../../contract/ids.ts";
import { openZooKeeper, type ZooKeeperSession } from "../../pending/session.ts";
import { addressOf } from "../servers.ts";

/** A connected session on the test server, below a chroot that no other test file sees. */
export async function openTestSession(maxInFlight = 500): Promise<ZooKeeperSession> {
  const [servers] = addressOf("ZOOKEEPER_URL").split("/");
  return connectedSession(`${servers}/test-${crypto.randomUUID()}`, maxInFlight);
}

/** Longer than a busy machine takes to start a private ZooKeeper, in milliseconds. */
const CONNECTS_WITHIN_MS = 60_000;

/** A session on the named servers. Rejects when it is not connected within a minute. */
export async function connectedSession(
  servers: string,
  maxInFlight = 500,
): Promise<ZooKeeperSession> {
  const session = openZooKeeper({
    servers,
    sessionTimeoutMs: 6_000,
    operationTimeoutMs: 5_000,
    maxInFlight,
  });
  if (await session.connectedWithin(CONNECTS_WITHIN_MS)) return session;
  await session.close();
  throw new Error(`no ZooKeeper at ${servers}`);
}

export function reserveOf(lectureId: LectureId, userId = "s1"): ReserveCommand {
  const rid = `${lectureId}-${randomBytes(16).toString("hex")}`;
  return { kind: "reserve", rid, lectureId, userId, claimedAtMs: Date.now() };
}

export function cancelOf({ rid, lectureId, userId }: ReserveCommand): CancelCommand {
  return { kind: "cancel", rid, lectureId, userId, requestedAtMs: Date.now() };
}
