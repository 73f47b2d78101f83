import { findClaims } from "../../admission/find-claims.ts";
import type { UserId } from "../../contract/ids.ts";
import {
  HELD_MAX,
  newestFirst,
  OpenLectures,
  OriginPage,
  PAGE_LIMIT,
  PAGE_LIMIT_MAX,
  type PagePlace,
  type ReservationPage,
  readCursor,
  readPlace,
  writeCursor,
  writePlace,
} from "../../contract/reservation-page.ts";
import { answerJson, NOT_STORED, requestIdOf } from "../answer.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { logFailure } from "../log.ts";
import { askFor, errorOf } from "../origin-answers.ts";
import { Refused } from "../problem.ts";
import { answerUnavailable } from "../unavailable.ts";

type Deps = Pick<EdgeDeps, "redis" | "origin">;

const PATH = "/api/me/reservations";

/**
 * GET /api/me/reservations: the user's reservations, newest first, undecided ones among them. A
 * page has `limit` of them (1 to 200, 50 by default). `next` and the Link header give the address
 * of the next page.
 */
export function myReservations(deps: Deps) {
  return async (c: EdgeContext): Promise<Response> => {
    const { limit, after } = readQuery(c);
    const userId = c.get("session").sub;
    // Redis before MySQL: a claim decided in between is held in Redis and decided in MySQL.
    const held = await heldClaims(c, deps, userId);
    const page = await askFor(OriginPage, deps.origin, {
      method: "GET",
      path: pathOf(userId, limit, after, held.claims),
      requestId: requestIdOf(c),
    });
    if (page.outcome !== "answered") return answerUnavailable(c, "my reservations", errorOf(page));
    const { reservations, more } = page.value;
    const place = more === undefined ? undefined : readPlace(more);
    const next = place && `${PATH}?limit=${limit}&cursor=${writeCursor(place)}`;
    const value: ReservationPage = {
      reservations,
      ...(next !== undefined && { next }),
      ...(!held.complete && { degraded: true }),
    };
    return answerJson(c, 200, value, {
      ...NOT_STORED,
      ...(next && { Link: `<${next}>; rel="next"` }),
    });
  };
}

interface Held {
  claims: PagePlace[];
  /** whether the list is complete */
  complete: boolean;
}

/** The user's held, undecided claims in all lectures that may have any. Never rejects. */
async function heldClaims(c: EdgeContext, { redis, origin }: Deps, userId: UserId): Promise<Held> {
  const requestId = requestIdOf(c);
  const open = await askFor(OpenLectures, origin, {
    method: "GET",
    path: "/open-lectures",
    requestId,
  });
  if (open.outcome !== "answered") return noneFound(requestId, errorOf(open));
  const { lectureIds, complete } = open.value;
  try {
    const held = (await findClaims(redis, lectureIds, userId))
      .filter(({ state }) => state === "held")
      .sort(newestFirst);
    return { claims: held.slice(0, HELD_MAX), complete: complete && held.length <= HELD_MAX };
  } catch (error) {
    return noneFound(requestId, error);
  }
}

function noneFound(requestId: string, error: unknown): Held {
  logFailure("degraded", "held claims", requestId, error);
  return { claims: [], complete: false };
}

function pathOf(
  userId: UserId,
  limit: number,
  after: PagePlace | undefined,
  held: PagePlace[],
): string {
  const start = after ? `&after=${writePlace(after)}` : "";
  const claims = held.length > 0 ? `&held=${held.map(writePlace).join(",")}` : "";
  return `/users/${userId}/reservations?limit=${limit}${start}${claims}`;
}

/** Throws Refused for an invalid limit, and for a cursor that the edge did not make. */
function readQuery(c: EdgeContext): { limit: number; after: PagePlace | undefined } {
  const { limit = String(PAGE_LIMIT), cursor } = c.req.query();
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const isPage = /^[1-9][0-9]{0,2}$/.test(limit) && Number(limit) <= PAGE_LIMIT_MAX;
  if (isPage && (cursor === undefined || after)) return { limit: Number(limit), after };
  throw new Refused("invalid_request", {
    detail: {
      en: `limit must be 1 to ${PAGE_LIMIT_MAX}, and cursor must come from the page before.`,
      zh: `limit 须为 1 至 ${PAGE_LIMIT_MAX}，cursor 须来自上一页。`,
    },
  });
}
