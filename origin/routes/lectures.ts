import { Hono } from "hono";
import { etag } from "hono/etag";
import { LectureId } from "../../contract/ids.ts";
import { readListQuery } from "../../contract/lecture-list.ts";
import { createLeftOutLog } from "../../runtime/telemetry/left-out.ts";
import type { OriginEnv } from "../context.ts";
import type { OriginDeps } from "../deps.ts";
import { findLecture, listLectures } from "../lectures.ts";
import { Refusal } from "../refusal.ts";

/** `GET /lectures` and `GET /lectures/:id`, with an ETag over the answer. */
export function lectureRoutes(deps: OriginDeps) {
  const { reads } = deps.gates;
  const { catalogue, timeZone, now } = deps;
  const reading = { catalogue, timeZone, now, tellLeftOut: createLeftOutLog(deps.log) };
  return (
    new Hono<OriginEnv>()
      // Of these routes alone: it holds a whole answer, and files are streams.
      .use("/lectures/*", etag())
      .get("/lectures", async (c) => {
        const query = readListQuery(c.req.query());
        if (!query) throw new Refusal("invalid_request");
        const { deadline } = c.var;
        return c.json(await reads.run(() => listLectures(reading, query, deadline), deadline));
      })
      .get("/lectures/:id", async (c) => {
        const id = LectureId.safeParse(c.req.param("id"));
        if (!id.success) throw new Refusal("lecture_not_found");
        const { deadline } = c.var;
        const lecture = await reads.run(() => findLecture(reading, id.data, deadline), deadline);
        if (!lecture) throw new Refusal("lecture_not_found");
        return c.json(lecture);
      })
  );
}
