import { Hono } from "hono";
import * as z from "zod";
import { lectureOf, Rid } from "../../contract/ids.ts";
import { LOG_LIMIT, LOG_LIMIT_MAX } from "../../contract/organised-lecture.ts";
import { MAX_WAIT_MS, WAITED_HEADER } from "../../contract/origin-api.ts";
import { actorOf } from "../actor.ts";
import { readAmendmentLog } from "../amendment-log.ts";
import { readAmendmentPlace } from "../amendment-rows.ts";
import { readAmendment, waitForAmendment } from "../amendments.ts";
import type { OriginEnv } from "../context.ts";
import type { OriginDeps } from "../deps.ts";
import { amendedOf } from "../organise.ts";
import { ownDraft, ownLecture } from "../own-lecture.ts";
import { Refusal } from "../refusal.ts";

const WaitMs = z.coerce.number().int().min(0).max(MAX_WAIT_MS).default(0);

const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(LOG_LIMIT_MAX).default(LOG_LIMIT),
  after: z
    .string()
    .transform((text, context) => {
      const place = readAmendmentPlace(text);
      if (place === undefined) context.addIssue("not a place");
      return place ?? z.NEVER;
    })
    .optional(),
});

/**
 * The reads of amendments, for those who run the lecture:
 * - `GET /admin/amendments/:rid?waitMs=N`
 * - `GET /admin/lectures/:id/amendments?limit=N&after=P`
 */
export function amendmentRoutes(deps: OriginDeps) {
  const { reads } = deps.gates;
  return new Hono<OriginEnv>()
    .get("/admin/amendments/:rid", async (c) => {
      const actor = actorOf(c);
      const rid = Rid.safeParse(c.req.param("rid"));
      const waitMs = WaitMs.safeParse(c.req.query("waitMs"));
      if (!rid.success) throw new Refusal("amendment_not_found");
      if (!waitMs.success) throw new Refusal("invalid_request");
      const { deadline } = c.var;
      const found = await reads.run(async () => {
        await ownDraft(deps, actor, lectureOf(rid.data), deadline).catch(toMissing);
        return await readAmendment(deps, rid.data, deadline);
      }, deadline);
      let amendment = found ?? missing();
      if (amendment.status === "pending" && waitMs.data > 0) {
        c.header(WAITED_HEADER, "1");
        const waiting = { waitMs: waitMs.data, deadline };
        amendment = (await waitForAmendment(deps, rid.data, waiting)) ?? amendment;
      }
      return c.json(await reads.run(() => amendedOf(deps, actor, amendment, deadline), deadline));
    })
    .get("/admin/lectures/:id/amendments", async (c) => {
      const actor = actorOf(c);
      const { limit, after } = c.req.query();
      const query = PageQuery.safeParse({ limit, after });
      if (!query.success) throw new Refusal("invalid_request");
      const { deadline } = c.var;
      const read = async () => {
        const { id } = await ownLecture(deps, actor, c.req.param("id"), deadline);
        return await readAmendmentLog(deps, { lectureId: id, ...query.data }, deadline);
      };
      return c.json(await reads.run(read, deadline));
    });
}

function missing(): never {
  throw new Refusal("amendment_not_found");
}

/** Another host's lecture is as good as none. */
function toMissing(error: unknown): never {
  if (error instanceof Refusal && error.code === "lecture_not_found") missing();
  throw error;
}
