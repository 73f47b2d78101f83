import { LECTURE_ID_FORM, type LectureId, RID_FORM, type Rid } from "../contract/ids.ts";
import type { EdgeContext } from "./context.ts";
import { Refused } from "./problem.ts";

/** The lecture of a path. Throws Refused (404) for an impossible id, which goes no further. */
export function lectureIdOf(c: EdgeContext): LectureId {
  const id = c.req.param("id") ?? "";
  if (!LECTURE_ID_FORM.test(id)) throw new Refused("lecture_not_found");
  return id;
}

/** The reservation of a path. Throws Refused (404) for an impossible id. */
export function ridOfPath(c: EdgeContext): Rid {
  const id = c.req.param("id") ?? "";
  if (!RID_FORM.test(id)) throw new Refused("reservation_not_found");
  return id;
}
