import { connect } from "amqplib";
import { claim } from "../../../admission/claim.ts";
import type { ReserveCommand } from "../../../contract/command.ts";
import { type LectureId, ridOf } from "../../../contract/ids.ts";
import { pendingPaths, queueNames, redisKeys } from "../../../contract/names.ts";
import { SUSPECTED } from "../../../queue/delivery.ts";
import { insertLecture } from "../../../stack/insert-lecture.ts";
import { eventually } from "../../../test/servers.ts";
import { LOST_WORKERS_MAX } from "../../../worker/dead-letters.ts";
import type { OpenSources } from "../../audit/sources.ts";
import type { EdgeClient } from "../../kit/edge-client.ts";
import { type Booking, cancelUntilTold, enter, pressOnce, pressUntilTold } from "./crowd.ts";

/** The means of the provocations, and the bookings they make, which are judged at the end. */
export interface Stage {
  edge: EdgeClient;
  sources: OpenSources;
  bookings: Booking[];
}

const HOUR_MS = 3_600_000;
const SEATS = 4;
const STUDENTS = 10;

/**
 * A rush, a cancel, and the freed seat going to another student. Some students press once and
 * leave, the others insist.
 */
export async function rush(stage: Stage): Promise<void> {
  const lectureId = await publish(stage, SEATS);
  const crowd = await Promise.all(Array.from({ length: STUDENTS }, () => arrive(stage, lectureId)));
  const leaving = crowd.slice(0, 3);
  const staying = crowd.slice(3);
  await Promise.all([
    ...leaving.map((booking) => pressOnce(stage.edge, booking)),
    ...staying.map((booking) => pressUntilTold(stage.edge, booking)),
  ]);
  const winner = staying.find(({ told }) => told.includes("confirmed"));
  if (!winner) return;
  await cancelUntilTold(stage.edge, winner);
  await pressUntilTold(stage.edge, await arrive(stage, lectureId));
}

/** Claims without commands: only the sweeper can find them. */
export async function lostClaims(stage: Stage): Promise<void> {
  const lectureId = await publish(stage, SEATS);
  for (let student = 0; student < 3; student++)
    await claimOnly(stage, await arrive(stage, lectureId));
}

/** A pending node that holds no command. */
export async function unreadableNode({ sources: { zooKeeper } }: Stage): Promise<void> {
  const rid = `1-${crypto.randomUUID().replaceAll("-", "")}`;
  await zooKeeper.create(pendingPaths.shardOf(rid)).catch(() => {});
  await zooKeeper.create(pendingPaths.node(rid, "reserve"), Buffer.from("not a command"));
}

/**
 * Redis loses a student's claim while its command is under way. The student claims again with
 * another key and leaves.
 */
export async function rivalClaim(stage: Stage): Promise<void> {
  const { redis } = stage.sources;
  const first = await arrive(stage, await publish(stage, SEATS));
  const command = await claimOnly(stage, first);
  const { lectureId, userId } = command;
  await redis.hdel(redisKeys.claims(lectureId), userId);
  await redis.zrem(redisKeys.held(lectureId), userId);
  await redis.del(redisKeys.throttle(lectureId, userId));
  const key = crypto.randomUUID();
  const second: Booking = {
    ...first,
    key,
    rid: ridOf(lectureId, userId, key),
    told: [],
    accepted: true,
  };
  stage.bookings.push(second);
  await claimOnly(stage, second);
  await sendToDead(stage, command, {});
}

/** A dead letter that has cost `LOST_WORKERS_MAX` workers, so that it is given up. */
export async function deadLetter(stage: Stage): Promise<void> {
  const booking = await arrive(stage, await publish(stage, SEATS));
  await sendToDead(stage, await claimOnly(stage, booking), {
    "x-first-death-reason": "delivery_limit",
    [SUSPECTED]: LOST_WORKERS_MAX,
  });
}

async function sendToDead(
  stage: Stage,
  command: ReserveCommand,
  headers: Record<string, string | number>,
): Promise<void> {
  const model = await connect(stage.sources.rabbit.url);
  const channel = await model.createConfirmChannel();
  channel.sendToQueue(queueNames.dead, Buffer.from(JSON.stringify(command)), {
    persistent: true,
    headers,
  });
  await channel.waitForConfirms();
  await model.close();
}

/** A Redis that counts more seats than there are, and lets too many students in. */
export async function redisBehind(stage: Stage): Promise<void> {
  const lectureId = await publish(stage, SEATS);
  await stage.sources.redis.hset(redisKeys.lecture(lectureId), { capacity: String(SEATS + 2) });
  const crowd = await Promise.all(Array.from({ length: STUDENTS }, () => arrive(stage, lectureId)));
  await Promise.all(crowd.map((booking) => pressUntilTold(stage.edge, booking)));
}

/** A lecture with taken seats that Redis has forgotten. */
export async function lectureLost(stage: Stage): Promise<void> {
  const lectureId = await publish(stage, SEATS);
  const crowd = await Promise.all(Array.from({ length: 2 }, () => arrive(stage, lectureId)));
  await Promise.all(crowd.map((booking) => pressUntilTold(stage.edge, booking)));
  await stage.sources.redis.del(redisKeys.lecture(lectureId), redisKeys.claims(lectureId));
  await pressUntilTold(stage.edge, await arrive(stage, lectureId));
}

/** A restarted Redis, which its empty script cache reveals. */
export async function redisRestarted(stage: Stage): Promise<void> {
  const lectureId = await publish(stage, SEATS);
  await stage.sources.redis.scriptFlush();
  await pressUntilTold(stage.edge, await arrive(stage, lectureId));
}

export async function arrive({ edge, bookings }: Stage, lectureId: LectureId): Promise<Booking> {
  const booking = await enter(edge, lectureId);
  bookings.push(booking);
  return booking;
}

/** Claims as the edge does and stops there. */
async function claimOnly({ sources }: Stage, booking: Booking): Promise<ReserveCommand> {
  const { lectureId, rid, session } = booking;
  const answer = await claim(sources.redis, { lectureId, userId: session.userId, rid });
  if (answer.outcome !== "claimed") throw new Error(`a claim was answered ${answer.outcome}`);
  return {
    kind: "reserve",
    rid,
    lectureId,
    userId: session.userId,
    claimedAtMs: answer.claimedAtMs,
  };
}

/** Publishes an open lecture, and waits until the edge admits to it. */
export async function publish({ edge, sources }: Stage, capacity: number): Promise<LectureId> {
  const nowMs = Date.now();
  const lectureId = await insertLecture(sources, {
    title: "崩溃演练 · A crash test",
    speaker: "-",
    venue: "-",
    opensAt: new Date(nowMs - 60_000),
    closesAt: new Date(nowMs + HOUR_MS),
    startsAt: new Date(nowMs + 2 * HOUR_MS),
    endsAt: new Date(nowMs + 3 * HOUR_MS),
    capacity,
  });
  const isShown = async () => {
    const shown = await edge.availability(lectureId).catch(() => undefined);
    return typeof shown === "object";
  };
  await eventually(`lecture ${lectureId} is shown`, isShown, 60_000);
  return lectureId;
}
