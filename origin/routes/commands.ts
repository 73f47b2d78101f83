import { Hono } from "hono";
import type {
  AmendCommand,
  CancelCommand,
  ReserveCommand,
  SeatCommand,
} from "../../contract/command.ts";
import { noCase } from "../../contract/no-case.ts";
import {
  type AmendAnswer,
  type CommandAnswer,
  CommandRequest,
  WAITED_HEADER,
} from "../../contract/origin-api.ts";
import { crashPoint } from "../../runtime/crash-points/crash-point.ts";
import { pendingAmendment, waitForAmendment } from "../amendments.ts";
import { findCancelling } from "../cancelling.ts";
import type { OriginEnv } from "../context.ts";
import type { Deadline } from "../deadline.ts";
import type { OriginDeps } from "../deps.ts";
import { enqueue } from "../enqueue.ts";
import { refusedIfOverlapping, withOwnOverlaps } from "../overlaps.ts";
import { Refusal, tooLate } from "../refusal.ts";
import { type RequestTrace, UNTRACED } from "../request-trace.ts";
import { pendingReservation } from "../reservations.ts";
import { waitForDecision } from "../wait.ts";

/**
 * `POST /commands`: queues a command and, if asked to, waits for its decision.
 * Only the queueing takes a place at the gate; waiting costs nothing.
 */
export function commandRoutes(deps: OriginDeps) {
  return new Hono<OriginEnv>().post("/commands", async (c) => {
    const request = CommandRequest.safeParse(await c.req.json());
    if (!request.success) throw new Refusal("invalid_request");
    const { deadline, trace } = c.var;
    const onWait = () => c.header(WAITED_HEADER, "1");
    const answer = await answerCommand(deps, request.data, deadline, { trace, onWait });
    if (!("reservation" in answer)) return c.json(answer);
    const { userId } = request.data.command;
    const reservation = await withOwnOverlaps(deps, userId, answer.reservation, deadline);
    return c.json({ ...answer, reservation });
  });
}

interface Asking {
  trace?: RequestTrace;
  onWait?: () => void;
}

/**
 * Queues a command. If asked to wait, calls `onWait` and waits for the decision. Throws Refusal.
 */
export async function answerCommand(
  deps: OriginDeps,
  { command, waitMs }: CommandRequest,
  deadline: Deadline,
  asking: Asking = {},
): Promise<CommandAnswer | AmendAnswer> {
  crashPoint("origin.command_received");
  return command.kind === "amend"
    ? await answerAmend(deps, { command, waitMs }, deadline, asking)
    : await answerSeat(deps, { command, waitMs }, deadline, asking);
}

/** See answerCommand. */
export async function answerSeat(
  deps: OriginDeps,
  { command, waitMs }: { command: SeatCommand; waitMs: number },
  deadline: Deadline,
  { trace = UNTRACED, onWait }: Asking = {},
): Promise<CommandAnswer> {
  const put = () =>
    command.kind === "reserve"
      ? reserve(deps, command, deadline, trace)
      : cancel(deps, command, deadline, trace);
  const answer = await deps.gates.commands.run(put, deadline);
  if (!answer.queued || answer.reservation.status !== "pending" || waitMs === 0) return answer;
  onWait?.();
  return { ...answer, reservation: await waitForDecision(deps, command, { waitMs, deadline }) };
}

/**
 * An amendment that neither the queue nor a node is known to hold is `unavailable`: nothing would
 * bring it back, so the organiser has to ask again, with the same key.
 */
export async function answerAmend(
  deps: OriginDeps,
  { command, waitMs }: { command: AmendCommand; waitMs: number },
  deadline: Deadline,
  { trace = UNTRACED, onWait }: Asking = {},
): Promise<AmendAnswer> {
  const put = () => enqueue(deps, command, deadline, trace);
  const enqueued = await deps.gates.commands.run(put, deadline);
  if (enqueued === "unknown") throw new Refusal("unavailable");
  const amendment = pendingAmendment(command.rid);
  if (waitMs === 0) return { queued: enqueued === "queued", amendment };
  onWait?.();
  const decided = await waitForAmendment(deps, command.rid, { waitMs, deadline });
  return { queued: enqueued === "queued", amendment: decided ?? amendment };
}

/** A command that is refused here is queued too: its own decision releases its claim. */
async function reserve(
  deps: OriginDeps,
  command: ReserveCommand,
  deadline: Deadline,
  trace: RequestTrace,
): Promise<CommandAnswer> {
  const judged =
    deps.overlaps === "refuse" ? await refusedIfOverlapping(deps, command, deadline) : command;
  const enqueued = await enqueue(deps, judged, deadline, trace);
  return answerOf(deps, command, enqueued === "queued");
}

/**
 * Only a seat that is confirmed, or may yet be, can be given back; a cancelled reservation is
 * answered as it stands. The time of the request is what counts: a cancel that is queued in time is
 * carried out. A cancel that neither the queue nor a node is known to hold is `unavailable`. No
 * claim would bring it back, so the client has to ask again.
 */
async function cancel(
  deps: OriginDeps,
  command: CancelCommand,
  deadline: Deadline,
  trace: RequestTrace,
): Promise<CommandAnswer> {
  const found = await findCancelling(deps, command, deadline);
  if (!found) throw new Refusal("reservation_not_found");
  const { reservation, untilMs } = found;
  switch (reservation.status) {
    case "rejected":
      throw new Refusal("not_cancellable");
    case "cancelled":
      return { queued: true, reservation };
    case "pending":
    case "confirmed":
      if (untilMs !== undefined && command.requestedAtMs > untilMs) throw tooLate(untilMs);
      return await queueCancel(deps, command, deadline, trace);
    default:
      return noCase(reservation.status);
  }
}

async function queueCancel(
  deps: OriginDeps,
  command: SeatCommand,
  deadline: Deadline,
  trace: RequestTrace,
): Promise<CommandAnswer> {
  crashPoint("origin.cancel_allowed");
  const enqueued = await enqueue(deps, command, deadline, trace);
  if (enqueued === "unknown") throw new Refusal("unavailable");
  return answerOf(deps, command, enqueued === "queued");
}

function answerOf({ publisher }: OriginDeps, { rid }: SeatCommand, queued: boolean): CommandAnswer {
  const isClosed = !queued && publisher.isClosed();
  return { queued, reservation: pendingReservation(rid), ...(isClosed && { closed: true }) };
}
