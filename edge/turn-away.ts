import { sentKey } from "./claim-intent.ts";
import type { EdgeDeps } from "./deps.ts";
import { preferredLanguage, refuseRequest } from "./problem.ts";
import { problemOf } from "./refusal.ts";
import { sentFrom } from "./sent-from.ts";
import type { BorneSession } from "./session.ts";

/**
 * Returns the refusal, or undefined if the routes have to answer.
 *
 * @param outlive has the runtime finish work although the answer is given
 */
export type TurnAway = (
  request: Request,
  outlive: (work: Promise<void>) => void,
) => Response | undefined | Promise<Response | undefined>;

/**
 * Stands before all else: refuses a signed-in student's press if the lecture is known to refuse
 * everybody now. The refusal costs no token, no Redis call and no place in flight.
 *
 * Most of a rush ends here, at the least work. Nothing is read that cannot change the answer, such
 * as body, query or preference. No context is built around the request. A known session is there at
 * once, without a wait.
 *
 * After 0.5 s the first press of any sender makes the edge ask Redis again. No press waits for the
 * answer.
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
    // A page of another origin learns nothing here: the routes refuse it.
    if (session.by === "cookie" && sentFrom(url, headers, overTls) !== "here") return undefined;
    const asking = knownRefusals.renew(lectureId);
    if (asking) outlive(asking);
    const key = () => sentKey(headers);
    const refusal = knownRefusals.of({ lectureId, userId: session.sub, key });
    if (!refusal) return undefined;
    // Nothing around this code counts the answer.
    if (metrics) {
      metrics.refused[refusal.outcome].fromMemory.value += 1;
      metrics.refused[refusal.outcome].answered.value += 1;
    }
    const language = preferredLanguage(headers.get("accept-language"));
    return refuseRequest(
      { requestId: crypto.randomUUID(), isOverTls: overTls, language },
      ...problemOf(refusal),
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
    // A failure here comes again in the routes, which answer and log it.
    return session.then(
      (read) => answer(press, read, outlive),
      () => undefined,
    );
  };
}

/** The part of a request for a seat that is read here. */
interface Press {
  url: string;
  headers: Headers;
  lectureId: string;
}

const LECTURES = "/api/lectures/";
const RESERVATIONS = "/reservations";

/** The longest scheme of an address, in characters; the host follows, and then the path. */
const SCHEME_LENGTH = "https://".length;

/**
 * The lecture of a request for a seat, as the address spells it; undefined for any other request.
 */
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
