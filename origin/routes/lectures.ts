import { Hono } from "hono";
import { etag } from "hono/etag";
import { LectureId } from "../../contract/ids.ts";
import { createLeftOutLog } from "../../runtime/telemetry/left-out.ts";
import type { OriginEnv } from "../context.ts";
import type { OriginDeps } from "../deps.ts";
import { findLecture, listLectures } from "../lectures.ts";
import { Refusal } from "../refusal.ts";

/** `GET /lectures` and `GET /lectures/:id`, with an ETag over the answer. */
export function lectureRoutes(deps: OriginDeps) {
  const { reads } = deps.gates;
  const reading = { catalogue: deps.catalogue, tellLeftOut: createLeftOutLog(deps.log) };
  return new Hono<OriginEnv>()
    .use(etag())
    .get("/lectures", async (c) => {
      const { deadline } = c.var;
      return c.json({ lectures: await reads.run(() => listLectures(reading, deadline), deadline) });
    })
    .get("/lectures/:id", async (c) => {
      const id = LectureId.safeParse(c.req.param("id"));
      if (!id.success) throw new Refusal("lecture_not_found");
      const { deadline } = c.var;
      const lecture = await reads.run(() => findLecture(reading, id.data, deadline), deadline);
      if (!lecture) throw new Refusal("lecture_not_found");
      return c.json(lecture);
    });
}
