import { Hono } from "hono";
import type { Command } from "../../contract/command.ts";
import { noCase } from "../../contract/no-case.ts";
import { type CommandAnswer, CommandRequest, WAITED_HEADER } from "../../contract/origin-api.ts";
import { crashPoint } from "../../runtime/crash-points/crash-point.ts";
import type { OriginEnv } from "../context.ts";
import type { Deadline } from "../deadline.ts";
import type { OriginDeps } from "../deps.ts";
import { enqueue } from "../enqueue.ts";
import { Refusal } from "../refusal.ts";
import { type RequestTrace, UNTRACED } from "../request-trace.ts";
import { findReservation, pendingReservation } from "../reservations.ts";
import { waitForDecision } from "../wait.ts";

const puts = { reserve, cancel } satisfies Record<Command["kind"], typeof reserve>;

/**
 * `POST /commands`: queues a reserve or cancel command and, if asked to, waits for its decision.
 * Only the queueing takes a place at the gate; waiting costs nothing.
 */
export function commandRoutes(deps: OriginDeps) {
  return new Hono<OriginEnv>().post("/commands", async (c) => {
    const request = CommandRequest.safeParse(await c.req.json());
    if (!request.success) throw new Refusal("invalid_request");
    const onWait = () => c.header(WAITED_HEADER, "1");
    return c.json(
      await answerCommand(deps, request.data, c.var.deadline, { trace: c.var.trace, onWait }),
    );
  });
}

/**
 * Queues a command. If asked to wait, calls `onWait` and waits for the decision. Throws Refusal.
 */
export async function answerCommand(
  deps: OriginDeps,
  { command, waitMs }: CommandRequest,
  deadline: Deadline,
  { trace = UNTRACED, onWait }: { trace?: RequestTrace; onWait?: () => void } = {},
): Promise<CommandAnswer> {
  crashPoint("origin.command_received");
  const put = puts[command.kind];
  const answer = await deps.gates.commands.run(() => put(deps, command, deadline, trace), deadline);
  if (!answer.queued || answer.reservation.status !== "pending" || waitMs === 0) return answer;
  onWait?.();
  return { ...answer, reservation: await waitForDecision(deps, command, { waitMs, deadline }) };
}

async function reserve(
  deps: OriginDeps,
  command: Command,
  deadline: Deadline,
  trace: RequestTrace,
): Promise<CommandAnswer> {
  const enqueued = await enqueue(deps, command, deadline, trace);
  return answerOf(deps, command, enqueued === "queued");
}

/**
 * Only a seat that is confirmed, or may yet be, can be given back; a cancelled reservation is
 * answered as it stands. A cancel that neither the queue nor a node is known to hold is
 * `unavailable`. No claim would bring it back, so the client has to ask again.
 */
async function cancel(
  deps: OriginDeps,
  command: Command,
  deadline: Deadline,
  trace: RequestTrace,
): Promise<CommandAnswer> {
  const reservation = await findReservation(deps, command, deadline);
  if (!reservation) throw new Refusal("reservation_not_found");
  switch (reservation.status) {
    case "rejected":
      throw new Refusal("not_cancellable");
    case "cancelled":
      return { queued: true, reservation };
    case "pending":
    case "confirmed":
      return await queueCancel(deps, command, deadline, trace);
    default:
      return noCase(reservation.status);
  }
}

async function queueCancel(
  deps: OriginDeps,
  command: Command,
  deadline: Deadline,
  trace: RequestTrace,
): Promise<CommandAnswer> {
  crashPoint("origin.cancel_allowed");
  const enqueued = await enqueue(deps, command, deadline, trace);
  if (enqueued === "unknown") throw new Refusal("unavailable");
  return answerOf(deps, command, enqueued === "queued");
}

function answerOf({ publisher }: OriginDeps, { rid }: Command, queued: boolean): CommandAnswer {
  const isClosed = !queued && publisher.isClosed();
  return { queued, reservation: pendingReservation(rid), ...(isClosed && { closed: true }) };
}
