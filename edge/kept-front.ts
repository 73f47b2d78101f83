import type { EdgeEnv } from "./context.ts";
import type { EdgeDeps } from "./deps.ts";
import { isHostName } from "./request-bounds.ts";

/** Returns the answer, or undefined if the routes have to answer. */
export type KeptFront = (request: Request, bind: () => EdgeEnv["Bindings"]) => Response | undefined;

/**
 * Stands before the routes, as `turnAway` does: answers reads that are kept at the least work. No
 * context is built around the request. The address' bucket pays as for any read. Everything unusual
 * is left to the routes: another spelling, another method, an empty bucket, a strange host.
 */
export function openKeptFront({
  keptReads,
  reads,
  addressOf,
  isOverTls,
  metrics,
}: Pick<EdgeDeps, "keptReads" | "reads" | "addressOf" | "isOverTls" | "metrics">): KeptFront {
  return (request, bind) => {
    if (request.method !== "GET") return undefined;
    const { url } = request;
    const nowMs = keptReads.now();
    const kept = keptReads.fresh(keyIn(url), nowMs);
    if (!kept) return undefined;
    const { headers } = request;
    if (!isHostName(headers.get("host"))) return undefined;
    const env = bind();
    if (!reads.tryTake(addressOf({ req: { raw: request }, env }))) return undefined;
    keptReads.renew(kept, nowMs, () => ({ requestId: crypto.randomUUID(), outlive: env.outlive }));
    const answer = kept.answer.respond({
      requestId: crypto.randomUUID(),
      isOverTls: isOverTls(url, headers),
      headers,
      nowMs,
      ageS: undefined,
    });
    // Nothing around this code counts the answer.
    if (metrics) {
      const { of, route } = kept.question;
      metrics.reads.of(of, "memory").value += 1;
      metrics.requests.of(route, String(answer.status), "ok").value += 1;
    }
    return answer;
  };
}

/** The longest scheme of an address, in characters; the host follows, and then the path. */
const SCHEME_LENGTH = "https://".length;

const API = "/api";

/** The key that an address would have; any text for an address of another kind. */
function keyIn(url: string): string {
  const path = url.indexOf("/", SCHEME_LENGTH);
  return url.startsWith(API, path) ? url.slice(path + API.length) : "";
}
