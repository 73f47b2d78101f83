import { EXPOSITION_TYPE, exposition } from "../../runtime/metrics/exposition.ts";
import type { Family, Sample } from "../../runtime/metrics/family.ts";
import { answer, NOT_STORED } from "../answer.ts";
import type { EdgeContext } from "../context.ts";
import { problem } from "../problem.ts";
import { bearerIn } from "../session.ts";

/**
 * GET /metrics, with the token: the counts of this isolate or process. The edge is public, its
 * counts are not. Each isolate adds its name to every figure: two isolates are never taken for one
 * counter that goes up and down.
 */
export function metrics({ token, families }: { token: string; families: Family[] }) {
  const isolate = crypto.randomUUID().slice(0, 8);
  const named = families.map((family) => ({ ...family, samples: () => withName(family, isolate) }));
  return async (c: EdgeContext): Promise<Response> => {
    const given = bearerIn(c.req.raw.headers.get("authorization"));
    if (!given || !(await isSame(given, token)))
      return problem(c, "unauthenticated", { headers: { "WWW-Authenticate": "Bearer" } });
    return answer(c, 200, exposition(named), { "Content-Type": EXPOSITION_TYPE, ...NOT_STORED });
  };
}

function* withName(family: Family, isolate: string): Iterable<Sample> {
  for (const sample of family.samples()) yield { ...sample, labels: { ...sample.labels, isolate } };
}

/** Compares hashes, so that its time does not reveal how much of a guess was right. */
async function isSame(given: string, wanted: string): Promise<boolean> {
  const [a, b] = await Promise.all([hashOf(given), hashOf(wanted)]);
  return a.every((byte, at) => byte === b[at]);
}

async function hashOf(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
