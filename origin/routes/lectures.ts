import { Hono } from "hono";
import { etag } from "hono/etag";
import { LectureId } from "../../contract/ids.ts";
import type { OriginDeps } from "../deps.ts";
import { findLecture, listLectures } from "../lectures.ts";
import { Refusal } from "../refusal.ts";

/** `GET /lectures` and `GET /lectures/:id`, with an ETag over the answer. */
export function lectureRoutes(deps: OriginDeps) {
  return new Hono()
    .use(etag())
    .get("/lectures", async (c) => c.json({ lectures: await listLectures(deps.database) }))
    .get("/lectures/:id", async (c) => {
      const id = LectureId.safeParse(c.req.param("id"));
      const lecture = id.success ? await findLecture(deps.database, id.data) : undefined;
      if (!lecture) throw new Refusal("lecture_not_found");
      return c.json(lecture);
    });
}
