import { Hono } from "hono";
import * as z from "zod";
import { Rid, UserId } from "../../contract/ids.ts";
import { MAX_WAIT_MS, WAITED_HEADER } from "../../contract/origin-api.ts";
import type { Reservation } from "../../contract/reservation.ts";
import {
  HELD_MAX,
  PAGE_LIMIT,
  PAGE_LIMIT_MAX,
  readPlace,
} from "../../contract/reservation-page.ts";
import type { OriginEnv } from "../context.ts";
import type { OriginDeps } from "../deps.ts";
import { findOpenLectures } from "../open-lectures.ts";
import { withOverlaps, withOwnOverlaps } from "../overlaps.ts";
import { Refusal } from "../refusal.ts";
import { readPage } from "../reservation-pages.ts";
import { findReservation } from "../reservations.ts";
import { waitForDecision } from "../wait.ts";

const WaitMs = z.coerce.number().int().min(0).max(MAX_WAIT_MS).default(0);

const Place = z.string().transform((text, context) => {
  const place = readPlace(text);
  if (place === undefined) context.addIssue("not a place");
  return place ?? z.NEVER;
});

const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT),
  after: Place.optional(),
  held: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(Place).max(HELD_MAX))
    .default([]),
});

/**
 * The reads of reservations:
 * - `GET /reservations/:rid?user=U&waitMs=N`
 * - `GET /users/:user/reservations?limit=N&after=P&held=P,P`
 * - `GET /open-lectures`
 */
export function reservationRoutes(deps: OriginDeps) {
  const { reads } = deps.gates;
  return new Hono<OriginEnv>()
    .get("/reservations/:rid", async (c) => {
      const rid = Rid.safeParse(c.req.param("rid"));
      const user = UserId.safeParse(c.req.query("user"));
      const waitMs = WaitMs.safeParse(c.req.query("waitMs"));
      if (!rid.success || !user.success) throw new Refusal("reservation_not_found");
      if (!waitMs.success) throw new Refusal("invalid_request");
      const { deadline } = c.var;
      const whose = { rid: rid.data, userId: user.data };
      const read = () => findReservation(deps, whose, deadline);
      const told = async (found: Reservation) =>
        c.json(await withOwnOverlaps(deps, user.data, found, deadline));
      const found = await reads.run(read, deadline);
      if (found?.status !== "pending" || waitMs.data === 0) return await told(found ?? missing());
      c.header(WAITED_HEADER, "1");
      const waited = await waitForDecision(deps, whose, { waitMs: waitMs.data, deadline });
      if (waited.status !== "pending") return await told(waited);
      return await told((await reads.run(read, deadline)) ?? found);
    })
    .get("/users/:user/reservations", async (c) => {
      const user = UserId.safeParse(c.req.param("user"));
      if (!user.success) throw new Refusal("route_not_found");
      const { limit, after, held } = c.req.query();
      const query = PageQuery.safeParse({ limit, after, held });
      if (!query.success) throw new Refusal("invalid_request");
      const { deadline } = c.var;
      const read = () => readPage(deps, { userId: user.data, ...query.data }, deadline);
      const page = await reads.run(read, deadline);
      const reservations = await withOverlaps(deps, user.data, page.reservations, deadline);
      return c.json({ ...page, reservations });
    })
    .get("/open-lectures", async (c) => {
      const { deadline } = c.var;
      return c.json(await reads.run(() => findOpenLectures(deps.database, deadline), deadline));
    });
}

function missing(): never {
  throw new Refusal("reservation_not_found");
}
