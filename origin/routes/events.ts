import { Hono } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { Rid, UserId } from "../../contract/ids.ts";
import type { Reservation } from "../../contract/reservation.ts";
import type { OriginEnv } from "../context.ts";
import { deadlineIn } from "../deadline.ts";
import type { OriginDeps } from "../deps.ts";
import { Refusal } from "../refusal.ts";
import { findReservation } from "../reservations.ts";

/**
 * The interval of comments on a quiet stream, in milliseconds: they keep the proxies in between
 * from closing it.
 */
const HEARTBEAT_MS = 10_000;

/**
 * A browser reconnects this long after its stream ended, plus a random part of the spread, in
 * milliseconds.
 */
const RETRY_MS = 1_000;
const RETRY_SPREAD_MS = 2_000;

/** A stream without a decision ends after this long, in milliseconds; the client opens another. */
const LONGEST_STREAM_MS = 120_000;

/**
 * `GET /reservations/:rid/events?user=U` (`&told=STATUS`): server-sent events `status`, the first
 * at once, the last with the decision. An event's id is its status. 204 if `told` is the decision
 * that stands.
 */
export function eventRoutes(deps: OriginDeps) {
  let streams = 0;
  return new Hono<OriginEnv>().get("/reservations/:rid/events", async (c) => {
    const rid = Rid.safeParse(c.req.param("rid"));
    const user = UserId.safeParse(c.req.query("user"));
    if (!rid.success || !user.success) throw new Refusal("reservation_not_found");
    const whose = { rid: rid.data, userId: user.data };
    const { deadline } = c.var;
    const found = await deps.gates.reads.run(
      () => findReservation(deps, whose, deadline),
      deadline,
    );
    if (!found) throw new Refusal("reservation_not_found");
    if (found.status !== "pending" && found.status === c.req.query("told"))
      return c.body(null, 204);
    if (streams >= deps.maxStreams) throw new Refusal("too_many_streams");
    streams++;
    return streamSSE(c, async (stream) => {
      try {
        await follow(deps, stream, found, user.data);
      } finally {
        streams--;
      }
    });
  });
}

async function follow(
  deps: OriginDeps,
  stream: SSEStreamingApi,
  found: Reservation,
  userId: UserId,
): Promise<void> {
  const endsAtMs = performance.now() + LONGEST_STREAM_MS;
  const left = new AbortController();
  stream.onAbort(() => left.abort());
  const signal = AbortSignal.any([left.signal, deps.stopping]);
  await sendStatus(stream, found);
  let current = found;
  while (current.status === "pending" && !signal.aborted && performance.now() < endsAtMs) {
    if ((await deps.watches.untilGone(found.id, { timeoutMs: HEARTBEAT_MS, signal })) === "full")
      return;
    const next = await readAgain(deps, { rid: found.id, userId });
    if (next && next.status !== "pending") await sendStatus(stream, next);
    else await stream.write(": still pending\n\n");
    current = next ?? current;
  }
}

/** A failed read leaves the reservation as it was. */
async function readAgain(
  deps: OriginDeps,
  whose: { rid: Rid; userId: UserId },
): Promise<Reservation | undefined> {
  const deadline = deadlineIn(HEARTBEAT_MS);
  return await deps.gates.reads
    .run(() => findReservation(deps, whose, deadline), deadline)
    .catch(() => undefined);
}

async function sendStatus(stream: SSEStreamingApi, reservation: Reservation): Promise<void> {
  const retry = RETRY_MS + Math.floor(Math.random() * RETRY_SPREAD_MS);
  const { status } = reservation;
  await stream.writeSSE({ id: status, retry, event: "status", data: JSON.stringify(reservation) });
}
