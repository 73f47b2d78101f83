import { Hono } from "hono";
import * as z from "zod";
import { Rid, UserId } from "../../contract/ids.ts";
import { MAX_WAIT_MS, WAITED_HEADER } from "../../contract/origin-api.ts";
import type { OriginEnv } from "../context.ts";
import type { OriginDeps } from "../deps.ts";
import { Refusal } from "../refusal.ts";
import { findReservation, listReservations } from "../reservations.ts";

const WaitMs = z.coerce.number().int().min(0).max(MAX_WAIT_MS).default(0);

/** `GET /reservations/:rid?user=U&waitMs=N` and `GET /users/:user/reservations`. */
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
      const read = () => findReservation(deps, { rid: rid.data, userId: user.data }, deadline);
      const found = await reads.run(read, deadline);
      if (found?.status !== "pending" || waitMs.data === 0) return c.json(found ?? missing());
      c.header(WAITED_HEADER, "1");
      await deadline.pausedFor(deps.watches.untilGone(rid.data, { timeoutMs: waitMs.data }));
      return c.json((await reads.run(read, deadline)) ?? found);
    })
    .get("/users/:user/reservations", async (c) => {
      const user = UserId.safeParse(c.req.param("user"));
      if (!user.success) throw new Refusal("route_not_found");
      const { deadline } = c.var;
      const read = () => listReservations(deps.database, user.data, deadline);
      return c.json({ reservations: await reads.run(read, deadline) });
    });
}

function missing(): never {
  throw new Refusal("reservation_not_found");
}
