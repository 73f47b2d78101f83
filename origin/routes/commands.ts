import { Hono } from "hono";
import type { CancelCommand, ReserveCommand } from "../../contract/command.ts";
import { type CommandAnswer, CommandRequest } from "../../contract/origin-api.ts";
import type { OriginDeps } from "../deps.ts";
import { enqueue } from "../enqueue.ts";
import { Refusal } from "../refusal.ts";
import { findReservation, pendingReservation } from "../reservations.ts";

/** `POST /commands`: queues a reserve or cancel command and, where asked to, waits for its decision. */
export function commandRoutes(deps: OriginDeps) {
  return new Hono().post("/commands", async (c) => {
    const request = CommandRequest.safeParse(await c.req.json());
    if (!request.success) throw new Refusal("invalid_request");
    return c.json(await answerCommand(deps, request.data));
  });
}

/** Queues a command and, where asked to, waits for its decision. Throws Refusal. */
export async function answerCommand(
  deps: OriginDeps,
  { command, waitMs }: CommandRequest,
): Promise<CommandAnswer> {
  return await (command.kind === "reserve" ? reserve(deps, command, waitMs) : cancel(deps, command, waitMs));
}

async function reserve(deps: OriginDeps, command: ReserveCommand, waitMs: number): Promise<CommandAnswer> {
  const queued = await enqueue(deps, command);
  return { queued, reservation: await waitForDecision(deps, command, queued ? waitMs : 0) };
}

/** Only a seat that is confirmed, or may yet be, can be given back. One that was given back already is answered as it stands. */
async function cancel(deps: OriginDeps, command: CancelCommand, waitMs: number): Promise<CommandAnswer> {
  const reservation = await findReservation(deps, command.rid, command.userId);
  if (!reservation) throw new Refusal("reservation_not_found");
  if (reservation.status === "rejected") throw new Refusal("not_cancellable");
  if (reservation.status === "cancelled") return { queued: true, reservation };
  const queued = await enqueue(deps, command);
  return { queued, reservation: await waitForDecision(deps, command, queued ? waitMs : 0) };
}

async function waitForDecision(deps: OriginDeps, command: ReserveCommand | CancelCommand, waitMs: number) {
  const { rid, userId } = command;
  if (waitMs === 0 || (await deps.watches.untilGone(rid, { timeoutMs: waitMs })) !== "gone")
    return pendingReservation(rid);
  return (await findReservation(deps, rid, userId)) ?? pendingReservation(rid);
}
