import type { LectureId, Rid, UserId } from "../../contract/ids.ts";
import { Keyring } from "../../contract/keyring.ts";
import { issueSession } from "../../origin/session-token.ts";
import type { StackEnvironment } from "../environment.ts";
import { StackError } from "../stack-error.ts";

/**
 * Books seats and gives them back as a patient client does. Both methods reject with NotAnswered.
 */
export interface Visitor {
  book(lectureId: LectureId): Promise<Rid>;
  giveBack(rid: Rid): Promise<void>;
}

/** The edge did not give the expected answer within the client's patience. */
export class NotAnswered extends StackError {
  override name = "NotAnswered";

  constructor(
    what: string,
    /** the problem's code, or the status of the reservation */
    readonly code: string,
    http: number,
    afterMs: number,
  ) {
    const seconds = Math.round(afterMs / 1_000);
    super(`${what} was answered ${http} ${code}${seconds > 1 ? ` for ${seconds} s` : ""}`);
  }
}

/** The edge's answer: a refusal has a `code`, a reservation a `status`. */
interface EdgeAnswer {
  http: number;
  id?: Rid;
  status?: string;
  code?: string;
}

const ANSWERED_WITHIN_MS = 15_000;
const PATIENCE_MS = 30_000;
/** Redis may have to be loaded first, with every booking so far. */
const LOADING_PATIENCE_MS = 120_000;
const POLL_MS = 100;

/** Refusals that may pass with a little patience. */
const PASSING = new Set(["rate_limited", "not_decided"]);

/** A user whose token is signed with the stack's own keys, since a campus may run the sign-in. */
export async function visitor(
  { EDGE_URL, SESSION_KEYS }: StackEnvironment,
  userId: UserId,
  interrupted: AbortSignal,
): Promise<Visitor> {
  const keys = Keyring.parse(SESSION_KEYS);
  const { token } = await issueSession(keys, {
    userId,
    role: "student",
    minutes: 10,
    nowMs: Date.now(),
  });
  const key = { "Idempotency-Key": crypto.randomUUID() };

  async function ask(
    method: string,
    path: string,
    headers: Record<string, string>,
  ): Promise<EdgeAnswer> {
    const answer = await fetch(`${EDGE_URL}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, Prefer: "wait=5", ...headers },
      signal: AbortSignal.any([interrupted, AbortSignal.timeout(ANSWERED_WITHIN_MS)]),
    });
    const body = (await answer.json().catch(() => ({}))) as Omit<EdgeAnswer, "http">;
    return { ...body, http: answer.status };
  }

  return {
    async book(lectureId) {
      const path = `/api/lectures/${lectureId}/reservations`;
      return await untilAnswered("booking a seat", () => ask("POST", path, key), "confirmed");
    },
    async giveBack(rid) {
      await untilAnswered(
        "giving the seat back",
        () => ask("DELETE", `/api/reservations/${rid}`, {}),
        "cancelled",
      );
    },
  };
}

/**
 * Asks until the reservation has the status. Throws NotAnswered: at once for an answer that
 * patience does not change, otherwise after the patience.
 */
async function untilAnswered(
  what: string,
  ask: () => Promise<EdgeAnswer>,
  wanted: string,
): Promise<Rid> {
  const startedMs = performance.now();
  for (;;) {
    const { http, id, status, code = status ?? "" } = await ask();
    if (id !== undefined && status === wanted) return id;
    const tookMs = performance.now() - startedMs;
    const isPassing = PASSING.has(code) || status === "pending" || http >= 500;
    const patienceMs = code === "not_ready" ? LOADING_PATIENCE_MS : PATIENCE_MS;
    if (!isPassing || tookMs > patienceMs) throw new NotAnswered(what, code, http, tookMs);
    await Bun.sleep(POLL_MS);
  }
}
