import type { Logger } from "pino";
import { UNREAD } from "../../catalogue/cache/writing-lecture.ts";
import { createReplicas } from "../../catalogue/replicas.ts";
import type { Database } from "../../database/pool.ts";
import { deadlineIn } from "../../origin/deadline.ts";
import type { OriginDeps } from "../../origin/deps.ts";
import { readLecture } from "../../origin/lectures.ts";
import { createLeftOutLog } from "../../runtime/telemetry/left-out.ts";

/** The origin's reads of lectures without a cache and without replicas. */
export function uncachedLectures(
  catalogue: Database,
  log: Pick<Logger, "error">,
): Pick<OriginDeps, "replicas" | "lectures" | "lectureWrites" | "tellLeftOut"> {
  const tellLeftOut = createLeftOutLog(log);
  return {
    replicas: createReplicas({ primary: catalogue, replicas: [] }),
    lectures: { read: (id) => readLecture({ catalogue, tellLeftOut }, id, deadlineIn(5_000)) },
    lectureWrites: UNREAD,
    tellLeftOut,
  };
}
