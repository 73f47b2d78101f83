import type { LectureId } from "../contract/ids.ts";
import { Keyring } from "../contract/keyring.ts";
import { issueSession } from "../origin/session-token.ts";
import type { StackEnvironment } from "./environment.ts";
import { NotAnswered } from "./first-booking/visitor.ts";
import type { NewLecture } from "./insert-lecture.ts";

/** Who makes the first lectures, in the log of each of them. */
const USER_ID = "stack";

const ANSWERED_WITHIN_MS = 25_000;
const PATIENCE_MS = 60_000;
const POLL_MS = 500;

/** Makes lectures through the edge, as an admin does. Its method rejects with NotAnswered. */
export interface Maker {
  make(lecture: NewLecture): Promise<LectureId>;
}

/** An admin whose token is signed with the stack's own keys, and a host for the lectures. */
export async function openMaker(
  { EDGE_URL, SESSION_KEYS }: StackEnvironment,
  host: { id: string; name: string },
  interrupted: AbortSignal,
): Promise<Maker> {
  const session = { userId: USER_ID, role: "admin" as const, minutes: 10, nowMs: Date.now() };
  const { token } = await issueSession(Keyring.parse(SESSION_KEYS), session);

  async function ask(method: string, path: string, body: unknown, key: string) {
    const answer = await fetch(`${EDGE_URL}/api/admin${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        Prefer: "wait=10",
      },
      body: JSON.stringify(body),
      signal: AbortSignal.any([interrupted, AbortSignal.timeout(ANSWERED_WITHIN_MS)]),
    });
    const told = (await answer.json().catch(() => ({}))) as { id?: string; code?: string };
    return { http: answer.status, ...told };
  }

  /** The same key on every try: what was heard once is done once. */
  async function untilDone(method: string, path: string, body: unknown): Promise<string> {
    const startedMs = performance.now();
    for (const key = crypto.randomUUID(); ; ) {
      const { http, id, code = "" } = await ask(method, path, body, key);
      if (id !== undefined && (http === 200 || http === 201)) return id;
      const tookMs = performance.now() - startedMs;
      const isPassing = http === 202 || http === 429 || http >= 500;
      if (!isPassing || tookMs > PATIENCE_MS)
        throw new NotAnswered("making a lecture", code, http, tookMs);
      await Bun.sleep(POLL_MS);
    }
  }

  await untilDone("PUT", `/hosts/${host.id}`, { name: host.name });
  return { make: (lecture) => untilDone("POST", "/lectures", bodyOf(host.id, lecture)) };
}

function bodyOf(host: string, { id: _, ...lecture }: NewLecture) {
  return { host, ...lecture, published: true };
}
