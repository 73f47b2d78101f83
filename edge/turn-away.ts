import type { ProblemCode } from "../contract/problems.ts";
import type { Session } from "../contract/session.ts";
import { sentKey } from "./claim-intent.ts";
import type { EdgeDeps } from "./deps.ts";
import type { KnownRefusal } from "./known-refusals.ts";
import { type ProblemExtras, preferredLanguage, refuseRequest } from "./problem.ts";

/** Gives the answer, or undefined to whoever has to be answered by the routes. */
export type TurnAway = (request: Request) => Response | undefined | Promise<Response | undefined>;

/**
 * Stands before all else: where a lecture is known to turn everybody away just now, a signed-in student who asks for a seat is told so
 * here, which costs no token, no Redis and no place among the requests being worked on. Most of a rush ends here, so nothing is looked at
 * that would not change the answer, as the body, the query or a preference; nothing is built around the request, as a context; and nobody
 * waits who need not: a session that is known is there at once.
 */
export function openTurnAway({
  knownRefusals,
  readSession,
  metrics,
}: Pick<EdgeDeps, "knownRefusals" | "readSession" | "metrics">): TurnAway {
  function answer(
    { headers }: Request,
    lectureId: string,
    session: Session | undefined,
  ): Response | undefined {
    if (!session) return undefined;
    const key = () => sentKey(headers);
    const known = knownRefusals.of({ lectureId, userId: session.sub, key });
    if (!known) return undefined;
    // Nothing stands around this that would count the answer.
    if (metrics) {
      metrics.refused[known.outcome].fromMemory.value += 1;
      metrics.refused[known.outcome].answered.value += 1;
    }
    const language = preferredLanguage(headers.get("accept-language"));
    return refuseRequest({ requestId: crypto.randomUUID(), language }, ...refusalOf(known));
  }

  return (request) => {
    if (knownRefusals.isEmpty()) return undefined;
    const lectureId = lectureOfPress(request);
    if (lectureId === undefined || !knownRefusals.has(lectureId)) return undefined;
    const session = readSession(request.headers);
    if (!(session instanceof Promise)) return answer(request, lectureId, session);
    // What fails here fails again behind, and is answered and logged there.
    return session.then(
      (read) => answer(request, lectureId, read),
      () => undefined,
    );
  };
}

const LECTURES = "/api/lectures/";
const RESERVATIONS = "/reservations";

/** As far as the scheme of an address goes at most, in characters: what comes next is a host, and then the path. */
const SCHEME_LENGTH = "https://".length;

/** The lecture that a request asks for a seat of, as the address spells it; undefined where it asks for anything else. */
function lectureOfPress({ method, url }: Request): string | undefined {
  if (method !== "POST") return undefined;
  const path = url.indexOf("/", SCHEME_LENGTH);
  if (!url.startsWith(LECTURES, path)) return undefined;
  const id = path + LECTURES.length;
  const rest = url.indexOf("/", id);
  if (rest < 0 || !url.startsWith(RESERVATIONS, rest)) return undefined;
  const end = rest + RESERVATIONS.length;
  return end === url.length || url[end] === "?" ? url.slice(id, rest) : undefined;
}

/** What everybody is told alike, by Redis or from memory. */
export function refusalOf(refusal: KnownRefusal): [ProblemCode, ProblemExtras] {
  if (refusal.outcome === "sold_out") return ["sold_out", {}];
  const { opensInMs } = refusal;
  return ["not_open", { retryAfterMs: opensInMs, members: { opensInMs } }];
}
