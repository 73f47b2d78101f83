import { Hono } from "hono";
import { etag } from "hono/etag";
import { LectureId } from "../../contract/ids.ts";
import { readListQuery } from "../../contract/lecture-list.ts";
import type { OriginEnv } from "../context.ts";
import { within } from "../deadline.ts";
import type { OriginDeps } from "../deps.ts";
import { listLectures } from "../lectures.ts";
import { Refusal } from "../refusal.ts";
import { shortDeadline } from "../replica-reads.ts";

/**
 * `GET /lectures` and `GET /lectures/:id`, with an ETag over the answer. One lecture comes from the
 * cache. A list does not: the edge keeps lists for half a second, and a replica may answer.
 */
export function lectureRoutes(deps: OriginDeps) {
  const { reads } = deps.gates;
  const { catalogue, replicas, lectures, timeZone, now, tellLeftOut } = deps;
  const reading = { timeZone, now, tellLeftOut };
  return (
    new Hono<OriginEnv>()
      // Of these routes alone: it holds a whole answer, and files are streams.
      .use("/lectures/*", etag())
      .get("/lectures", async (c) => {
        const query = readListQuery(c.req.query());
        if (!query) throw new Refusal("invalid_request");
        const { deadline } = c.var;
        const list = async () =>
          (await replicas.viaReplica((replica) =>
            listLectures({ ...reading, catalogue: replica }, query, shortDeadline(deadline)),
          )) ?? (await listLectures({ ...reading, catalogue }, query, deadline));
        return c.json(await reads.run(list, deadline));
      })
      .get("/lectures/:id", async (c) => {
        const id = LectureId.safeParse(c.req.param("id"));
        if (!id.success) throw new Refusal("lecture_not_found");
        const { json } = await within(c.var.deadline, lectures.read(id.data));
        if (json === "") throw new Refusal("lecture_not_found");
        return c.body(json, 200, { "Content-Type": "application/json" });
      })
  );
}
