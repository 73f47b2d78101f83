import { decodeJwt } from "jose";
import * as z from "zod";
import { type IdempotencyKey, type LectureId, type Rid, UserId } from "../../contract/ids.ts";
import { Availability } from "../../contract/lecture.ts";
import { SignedIn } from "../../contract/origin-api.ts";
import { isProblemCode, problems } from "../../contract/problems.ts";
import { Reservation } from "../../contract/reservation.ts";
import type { Outcome } from "./journal.ts";

/** An answer of the edge. `retryAfterMs` is the wait before the next try that the edge asks for. */
export interface EdgeAnswer {
  status: number;
  outcome: Outcome;
  rid?: Rid;
  retryAfterMs?: number;
  detail?: string;
}

/** A student's session at the edge. */
export interface SignedInStudent {
  token: string;
  userId: UserId;
}

export interface EdgeClientOptions {
  /**
   * how long the edge may hold a press until its decision, in seconds (`Prefer: wait=N`); 0 sends
   * no `Prefer`
   */
  waitS?: number;
  /** the timeout of a request, in milliseconds */
  patienceMs?: number;
  /**
   * whether requests share connections. The edge closes an idle connection (workerd after 15 s) and
   * cuts off a press sent at that moment. A browser resends that press silently; Bun's fetch does
   * not. Runs that must recognise lost presses share no connections.
   */
  keepsConnections?: boolean;
}

const Refusal = z.object({
  code: z.string(),
  reservationId: z.optional(z.string()),
  opensInMs: z.optional(z.number()),
});

export type EdgeClient = ReturnType<typeof edgeClient>;

/** The edge as a student's browser asks it. */
export function edgeClient(
  edgeUrl: string,
  { waitS = 10, patienceMs = 30_000, keepsConnections = true }: EdgeClientOptions = {},
) {
  const wait: Record<string, string> = waitS > 0 ? { Prefer: `wait=${waitS}` } : {};
  const ask = (path: string, init: RequestInit) =>
    fetch(edgeUrl + path, {
      ...init,
      redirect: "manual",
      keepalive: keepsConnections,
      signal: AbortSignal.timeout(patienceMs),
    });

  /** Asks for an answer that the run cannot do without. */
  async function insist(path: string, init: RequestInit): Promise<Response> {
    return await ask(path, init).catch((error: unknown) => {
      throw new Error(`the edge at ${edgeUrl} does not answer`, { cause: error });
    });
  }

  async function answer(path: string, init: RequestInit): Promise<EdgeAnswer> {
    try {
      return await readAnswer(await ask(path, init));
    } catch (error) {
      return { status: 0, outcome: "no_answer", detail: String(error) };
    }
  }

  return {
    url: edgeUrl,

    /** Signs a student in and waits out `rate_limited`. Rejects on any other refusal. */
    async signIn(studentNumber: string): Promise<SignedInStudent> {
      for (;;) {
        const response = await insist("/api/auth/demo", {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ studentNumber }),
        });
        if (response.status === 200) return studentOf(SignedIn.parse(await response.json()));
        const refused = await readAnswer(response);
        if (refused.outcome === "route_not_found")
          throw new Error("demo sign-in is switched off (DEMO_LOGIN=1 switches it on)");
        if (refused.outcome !== "rate_limited")
          throw new Error(`a sign-in was answered ${refused.status} ${refused.outcome}`);
        await Bun.sleep(refused.retryAfterMs ?? 1_000);
      }
    },

    /**
     * Returns the lecture's availability, or the code of the refusal. Rejects without an answer.
     */
    async availability(lectureId: LectureId): Promise<Availability | Outcome> {
      const path = `/api/lectures/${lectureId}/availability`;
      const response = await insist(path, {});
      if (response.status === 200) return Availability.parse(await response.json());
      return (await readAnswer(response)).outcome;
    },

    /** Presses the button. Never rejects. */
    reserve: (token: string, lectureId: LectureId, key: IdempotencyKey) =>
      answer(`/api/lectures/${lectureId}/reservations`, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Idempotency-Key": key, ...wait },
      }),

    /** Gives a seat back. Never rejects. */
    cancel: (token: string, rid: Rid) =>
      answer(`/api/reservations/${rid}`, {
        method: "DELETE",
        headers: { Authorization: `Bearer ${token}`, ...wait },
      }),

    /** Asks for the status of a reservation. Never rejects. */
    status: (token: string, rid: Rid) =>
      answer(`/api/reservations/${rid}`, { headers: { Authorization: `Bearer ${token}` } }),
  };
}

function studentOf({ token }: SignedIn): SignedInStudent {
  return { token, userId: UserId.parse(decodeJwt(token).sub) };
}

async function readAnswer(response: Response): Promise<EdgeAnswer> {
  const { status } = response;
  const text = await response.text();
  const body = parseJson(text);
  const known = status < 300 ? reservationAnswer(body) : refusalAnswer(status, body);
  if (!known) return { status, outcome: "unexpected", detail: text.slice(0, 200) };
  const retryAfterMs = Number(response.headers.get("Retry-After")) * 1_000;
  return { status, ...(retryAfterMs > 0 && { retryAfterMs }), ...known };
}

/**
 * The outcome of a reservation rejected in the meantime is its reason, as in a refusal of that
 * code.
 */
function reservationAnswer(body: unknown): Omit<EdgeAnswer, "status"> | undefined {
  const parsed = Reservation.safeParse(body);
  if (!parsed.success) return undefined;
  const { id, status, reason } = parsed.data;
  return { outcome: status === "rejected" ? (reason ?? "unexpected") : status, rid: id };
}

function refusalAnswer(status: number, body: unknown): Omit<EdgeAnswer, "status"> | undefined {
  const parsed = Refusal.safeParse(body);
  if (!parsed.success || !isProblemCode(parsed.data.code)) return undefined;
  const { code, reservationId, opensInMs } = parsed.data;
  if (problems[code].status !== status) return undefined;
  return {
    outcome: code,
    // `already_reserved` names the reservation that the student holds, not the requested one.
    ...(reservationId && code !== "already_reserved" && { rid: reservationId }),
    ...(opensInMs !== undefined && { retryAfterMs: opensInMs }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
