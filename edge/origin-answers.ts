import type * as z from "zod";
import type { Command } from "../contract/command.ts";
import type { Rid, UserId } from "../contract/ids.ts";
import {
  type CommandAnswer,
  Refusal,
  readCommandAnswer,
  WAITED_HEADER,
} from "../contract/origin-api.ts";
import { isProblemCode, type ProblemCode, problems } from "../contract/problems.ts";
import { Reservation } from "../contract/reservation.ts";
import type { Origin, OriginRequest } from "./origin-client.ts";

/**
 * `answered`: `waited` says whether the origin waited for a decision. `refused`: the origin refused
 * with a code. `unknown`: no readable answer came. The request may have taken effect: nothing may
 * be undone because of it.
 */
export type OriginAnswer<Value> =
  | { outcome: "answered"; value: Value; waited: boolean }
  | RefusedByOrigin
  | { outcome: "unknown"; error: unknown };

/** `cancelUntil`: of `too_late`, the last moment for a cancel. */
export interface RefusedByOrigin {
  outcome: "refused";
  code: ProblemCode;
  cancelUntil?: string | undefined;
}

/** Sends a command to the origin, and waits up to `waitMs` for its decision. */
export function sendCommand(
  origin: Origin,
  { command, waitMs, requestId }: { command: Command; waitMs: number; requestId: string },
): Promise<OriginAnswer<CommandAnswer>> {
  const body = { command, waitMs };
  return askFor({ parse: readCommandAnswer }, origin, {
    method: "POST",
    path: "/commands",
    body,
    waitMs,
    requestId,
  });
}

/** Reads a user's own reservation, and waits up to `waitMs` while it is pending. */
export function readReservation(
  origin: Origin,
  {
    rid,
    userId,
    waitMs,
    requestId,
  }: { rid: Rid; userId: UserId; waitMs: number; requestId: string },
): Promise<OriginAnswer<Reservation>> {
  const path = `/reservations/${rid}?user=${userId}${waitMs > 0 ? `&waitMs=${waitMs}` : ""}`;
  return askFor(Reservation, origin, { method: "GET", path, waitMs, requestId });
}

/** Asks the origin and reads its answer by a schema. Never throws. */
export async function askFor<Value>(
  schema: Pick<z.ZodType<Value>, "parse">,
  origin: Origin,
  request: OriginRequest,
): Promise<OriginAnswer<Value>> {
  try {
    const response = await origin.ask(request);
    if (response.status === 200) {
      const waited = request.waitMs !== undefined && response.headers.has(WAITED_HEADER);
      return { outcome: "answered", value: schema.parse(await response.json()), waited };
    }
    return (await readRefusal(response)) ?? { outcome: "unknown", error: unexpected(response) };
  } catch (error) {
    return { outcome: "unknown", error };
  }
}

/**
 * Refusals with these statuses are for clients. The others concern the edge: a bad signature, or a
 * fault.
 */
const REFUSAL_STATUSES = [403, 404, 409, 503];

/** The refusals of other statuses for clients. */
const REFUSAL_CODES: ProblemCode[] = ["key_reused"];

/** Reads a refusal of the origin; undefined if it cannot be passed on. */
export async function readRefusal(response: Response): Promise<RefusedByOrigin | undefined> {
  const body: unknown = await response.json().catch(() => undefined);
  const { code, cancelUntil } = Refusal.safeParse(body).data ?? {};
  if (!isProblemCode(code)) return undefined;
  if (!REFUSAL_STATUSES.includes(response.status) && !REFUSAL_CODES.includes(code))
    return undefined;
  if (problems[code].status !== response.status) return undefined;
  return { outcome: "refused", code, ...(cancelUntil && { cancelUntil }) };
}

/** For the log: an answer of the origin that the edge does not understand. */
export function unexpected({ status }: Response): Error {
  return new Error(`the origin answered with status ${status}`);
}

/** The error to log for any answer but `answered`. */
export function errorOf(answer: Exclude<OriginAnswer<unknown>, { outcome: "answered" }>): unknown {
  return answer.outcome === "unknown"
    ? answer.error
    : new Error(`the origin refused with ${answer.code}`);
}
