import { Hono } from "hono";
import type { AmendCommand, SeatCommand } from "../../contract/command.ts";
import { noCase } from "../../contract/no-case.ts";
import {
  type AmendAnswer,
  type CommandAnswer,
  CommandRequest,
  WAITED_HEADER,
} from "../../contract/origin-api.ts";
import { crashPoint } from "../../runtime/crash-points/crash-point.ts";
import { pendingAmendment, waitForAmendment } from "../amendments.ts";
import type { OriginEnv } from "../context.ts";
import type { Deadline } from "../deadline.ts";
import type { OriginDeps } from "../deps.ts";
import { enqueue } from "../enqueue.ts";
import { Refusal } from "../refusal.ts";
import { type RequestTrace, UNTRACED } from "../request-trace.ts";
import { findReservation, pendingReservation } from "../reservations.ts";
import { waitForDecision } from "../wait.ts";

const puts = { reserve, cancel } satisfies Record<SeatCommand["kind"], typeof reserve>;

/**
 * `POST /commands`: queues a command and, if asked to, waits for its decision.
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
  const put = puts[command.kind];
  const answer = await deps.gates.commands.run(() => put(deps, command, deadline, trace), deadline);
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

async function reserve(
  deps: OriginDeps,
  command: SeatCommand,
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
  command: SeatCommand,
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
