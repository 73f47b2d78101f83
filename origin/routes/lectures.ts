import { Hono } from "hono";
import { etag, RETAINED_304_HEADERS } from "hono/etag";
import { IN_USE_BEHIND_MAX_MS } from "../../catalogue/replicas.ts";
import { LectureId } from "../../contract/ids.ts";
import { readListQuery } from "../../contract/lecture-list.ts";
import { BEHIND_HEADER, HELD_MAX_MS, HOLDS_HEADER } from "../../contract/origin-api.ts";
import type { OriginEnv } from "../context.ts";
import { within } from "../deadline.ts";
import type { OriginDeps } from "../deps.ts";
import { listLectures } from "../lectures.ts";
import { Refusal } from "../refusal.ts";
import { shortDeadline } from "../replica-reads.ts";

/**
 * `GET /lectures` and `GET /lectures/:id`, with an ETag over the answer. One lecture comes from the
 * cache. A list does not: the edges hold lists while the catalogue does not change, and a replica
 * may answer. The headers say how long an answer may be held.
 */
export function lectureRoutes(deps: OriginDeps) {
  const { reads } = deps.gates;
  const { catalogue, replicas, lectures, timeZone, now, tellLeftOut } = deps;
  const reading = { timeZone, now, tellLeftOut };
  return (
    new Hono<OriginEnv>()
      // Of these routes alone: it holds a whole answer, and files are streams.
      .use("/lectures/*", etag({ retainedHeaders: [...RETAINED_304_HEADERS, ...HOLDING] }))
      .get("/lectures", async (c) => {
        const query = readListQuery(c.req.query());
        if (!query) throw new Refusal("invalid_request");
        const { deadline } = c.var;
        const list = async () => {
          const ofReplica = await replicas.viaReplica((replica) =>
            listLectures({ ...reading, catalogue: replica }, query, shortDeadline(deadline)),
          );
          if (ofReplica) c.header(BEHIND_HEADER, String(IN_USE_BEHIND_MAX_MS));
          return ofReplica ?? (await listLectures({ ...reading, catalogue }, query, deadline));
        };
        const { page, unchangedForMs } = await reads.run(list, deadline);
        c.header(HOLDS_HEADER, String(Math.min(HELD_MAX_MS, unchangedForMs)));
        return c.json(page);
      })
      .get("/lectures/:id", async (c) => {
        const id = LectureId.safeParse(c.req.param("id"));
        if (!id.success) throw new Refusal("lecture_not_found");
        const { json, isStale } = await within(c.var.deadline, lectures.read(id.data));
        if (json === "") throw new Refusal("lecture_not_found");
        if (!isStale) c.header(HOLDS_HEADER, String(HELD_MAX_MS));
        return c.body(json, 200, { "Content-Type": "application/json" });
      })
  );
}

/** A 304 says again how long the answer may be held. */
const HOLDING = [HOLDS_HEADER, BEHIND_HEADER];
