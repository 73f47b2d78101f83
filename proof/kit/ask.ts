import type { IdempotencyKey, UserId } from "../../contract/ids.ts";
import type { EdgeAnswer } from "./edge-client.ts";
import type { Entry } from "./journal.ts";

/** A question to the edge: its user, its key, its kind, and the listener for the answer. */
export interface Question {
  userId: UserId;
  key: IdempotencyKey;
  kind: Entry["kind"];
  record: (entry: Entry) => void;
}

/** Asks the edge, and writes question and answer into the journal. */
export async function ask(
  { userId, key, kind, record }: Question,
  send: () => Promise<EdgeAnswer>,
): Promise<EdgeAnswer> {
  const sentAtMs = performance.now();
  const answer = await send();
  const { status, outcome, rid, detail } = answer;
  record({
    userId,
    key,
    kind,
    sentAtMs,
    answeredAtMs: performance.now(),
    status,
    outcome,
    ...(rid && { rid }),
    ...(detail && { detail }),
  });
  return answer;
}
