import type { ProblemCode } from "../contract/problems.ts";
import { sentKey } from "./claim-intent.ts";
import type { EdgeDeps } from "./deps.ts";
import type { KnownRefusal } from "./known-refusals.ts";
import { type ProblemExtras, preferredLanguage, refuseRequest } from "./problem.ts";
import { sentFrom } from "./sent-from.ts";
import type { BorneSession } from "./session.ts";

/**
 * Gives the answer, or undefined to whoever has to be answered by the routes.
 *
 * @param outlive has the runtime finish work although the answer is given
 */
export type TurnAway = (
  request: Request,
  outlive: (work: Promise<void>) => void,
) => Response | undefined | Promise<Response | undefined>;

/**
 * Stands before all else: where a lecture is known to turn everybody away just now, a signed-in
 * student who asks for a seat is told so here, which costs no token, no Redis and no place among
 * the requests being worked on. Most of a rush ends here, so nothing is looked at that would not
 * change the answer, as the body, the query or a preference; nothing is built around the request,
 * as a context; and nobody waits who need not: a session that is known is there at once.
 *
 * The first press after half a second has Redis asked anew, whoever it comes from, and waits for
 * that no more than the others.
 */
export function openTurnAway({
  knownRefusals,
  readSession,
  isOverTls,
  metrics,
}: Pick<EdgeDeps, "knownRefusals" | "readSession" | "isOverTls" | "metrics">): TurnAway {
  function answer(
    { url, headers, lectureId }: Press,
    session: BorneSession | undefined,
    outlive: (work: Promise<void>) => void,
  ): Response | undefined {
    if (!session) return undefined;
    const overTls = isOverTls(url, headers);
    // A page of another origin is told nothing: the routes refuse it.
    if (session.by === "cookie" && sentFrom(url, headers, overTls) !== "here") return undefined;
    const asking = knownRefusals.renew(lectureId);
    if (asking) outlive(asking);
    const key = () => sentKey(headers);
    const known = knownRefusals.of({ lectureId, userId: session.sub, key });
    if (!known) return undefined;
    // Nothing stands around this that would count the answer.
    if (metrics) {
      metrics.refused[known.outcome].fromMemory.value += 1;
      metrics.refused[known.outcome].answered.value += 1;
    }
    const language = preferredLanguage(headers.get("accept-language"));
    return refuseRequest(
      { requestId: crypto.randomUUID(), isOverTls: overTls, language },
      ...refusalOf(known),
    );
  }

  return (request, outlive) => {
    if (knownRefusals.isEmpty()) return undefined;
    const { method, url } = request;
    const lectureId = lectureOfPress(method, url);
    if (lectureId === undefined || !knownRefusals.has(lectureId)) return undefined;
    const press = { url, headers: request.headers, lectureId };
    const session = readSession(url, press.headers);
    if (!(session instanceof Promise)) return answer(press, session, outlive);
    // What fails here fails again behind, and is answered and logged there.
    return session.then(
      (read) => answer(press, read, outlive),
      () => undefined,
    );
  };
}

/** A request for a seat, as far as it is looked at here. */
interface Press {
  url: string;
  headers: Headers;
  lectureId: string;
}

const LECTURES = "/api/lectures/";
const RESERVATIONS = "/reservations";

/** As far as the scheme of an address goes at most, in characters: what comes next is a host, and then the path. */
const SCHEME_LENGTH = "https://".length;

/** The lecture that a request asks for a seat of, as the address spells it; undefined where it asks for anything else. */
function lectureOfPress(method: string, url: string): string | undefined {
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
