import pino from "pino";
import { claim } from "../../admission/claim.ts";
import type {
  AmendCommand,
  CancelCommand,
  Command,
  ReserveCommand,
} from "../../contract/command.ts";
import { amendmentRidOf, type LectureId, ridOf, type UserId } from "../../contract/ids.ts";
import type { Change } from "../../contract/terms.ts";
import { createPendingNodes } from "../../pending/create.ts";
import { openZooKeeper } from "../../pending/session.ts";
import type { Delivery } from "../../queue/delivery.ts";
import { systemClock } from "../../runtime/clock/clock.ts";
import { insertLecture } from "../../stack/insert-lecture.ts";
import type { LoaderDeps } from "../../worker/deps.ts";
import { addressOf, openTestDatabase, openTestRedis, randomLectureId } from "../servers.ts";

/**
 * For tests: the worker's steps on the real servers, and the steps of edge and origin before them.
 */
export async function openWorkerRoom({ redis = openTestRedis() } = {}) {
  const zooKeeper = openZooKeeper({
    servers: addressOf("ZOOKEEPER_URL"),
    sessionTimeoutMs: 10_000,
    operationTimeoutMs: 5_000,
    maxInFlight: 500,
  });
  if (!(await zooKeeper.connectedWithin(10_000))) throw new Error("no ZooKeeper at ZOOKEEPER_URL");
  const createPendingNode = createPendingNodes(zooKeeper);
  const catalogue = openTestDatabase("catalogue");
  const deps: LoaderDeps = {
    database: openTestDatabase(),
    redis,
    zooKeeper,
    log: pino({ level: "silent" }),
    now: Date.now,
    clock: systemClock,
    loader: crypto.randomUUID(),
    leads: () => true,
    stopping: new AbortController().signal,
  };

  return {
    ...deps,
    deps,
    redis,
    catalogue,

    /** Publishes a lecture that stays open for an hour. No worker has loaded it yet. */
    async publishLecture(capacity: number): Promise<LectureId> {
      const [opensAt, closesAt] = [new Date(Date.now() - 60_000), new Date(Date.now() + 3_600_000)];
      const words = { title: "Light", speaker: "Department of Physics", venue: "Hall 1" };
      const times = { opensAt, closesAt, startsAt: closesAt, endsAt: new Date(8e12) };
      return await insertLecture(
        { ...deps, catalogue },
        {
          id: randomLectureId(),
          ...words,
          ...times,
          capacity,
        },
      );
    },

    /** Claims a seat as the edge does, and creates the pending node as the origin does. */
    async reserve(lectureId: LectureId, userId: UserId, key = "key"): Promise<ReserveCommand> {
      const rid = ridOf(lectureId, userId, key);
      const answer = await claim(deps.redis, { lectureId, userId, rid });
      const claimedAtMs = answer.outcome === "claimed" ? answer.claimedAtMs : Date.now();
      const command: ReserveCommand = { kind: "reserve", rid, lectureId, userId, claimedAtMs };
      await createPendingNode(command);
      return command;
    },

    /** Creates the pending node of a cancel. */
    async cancel({ rid, lectureId, userId }: ReserveCommand): Promise<CancelCommand> {
      const command: CancelCommand = {
        kind: "cancel",
        rid,
        lectureId,
        userId,
        requestedAtMs: Date.now(),
      };
      await createPendingNode(command);
      return command;
    },

    /** Creates the pending node of an amendment. */
    async amend(
      lectureId: LectureId,
      change: Change,
      more: Partial<AmendCommand> = {},
    ): Promise<AmendCommand> {
      const command: AmendCommand = {
        kind: "amend",
        rid: amendmentRidOf(lectureId, "organiser", crypto.randomUUID()),
        lectureId,
        userId: "organiser",
        requestedAtMs: Date.now(),
        ifVersion: null,
        strict: false,
        words: false,
        change,
        ...more,
      };
      await createPendingNode(command);
      return command;
    },

    async close(): Promise<void> {
      await zooKeeper.close();
      await Promise.all([deps.database.close(), catalogue.close()]);
    },
  };
}

/** Commands as the queue delivers them for the first time. */
export function deliveriesOf(commands: Command[]): Delivery[] {
  return commands.map((command) => ({ command, redelivered: false, deliveryCount: 0 }));
}
