import type { LectureId } from "../../contract/ids.ts";
import { inParallel } from "../../pending/in-parallel.ts";
import { edgeClient } from "../../proof/kit/edge-client.ts";
import type { StackEnvironment } from "../../stack/environment.ts";
import type { LectureDatabases } from "../../stack/insert-lecture.ts";
import type { Waiting } from "./build-with-go.ts";
import { publishLecture } from "./lecture.ts";
import { mintTokens } from "./tokens.ts";

/** Below the 256 requests that Bun has under way at once. */
const AT_ONCE = 100;

/**
 * Has students press for a lecture of their own, with a seat for every second student. Returns the
 * lecture's id. New processes compile their work only after some hundred repetitions, and
 * everything of a rush happens in its first second. The warm-up is not measured, but its lecture
 * can be audited.
 */
export async function warmUp(
  databases: LectureDatabases,
  { EDGE_URL: edgeUrl, SESSION_KEYS: sessionKeys }: StackEnvironment,
  students: number,
  { interrupted, tell }: Waiting,
): Promise<LectureId> {
  const edge = edgeClient(edgeUrl);
  const seats = Math.ceil(students / 2);
  const lectureId = await publishLecture(databases, edge, {
    seats,
    opensAtMs: Date.now() - 60_000,
  });
  const tokens = await mintTokens(sessionKeys, students, interrupted);
  await inParallel([...tokens.entries()], AT_ONCE, async ([student, token]) => {
    interrupted.throwIfAborted();
    await edge.reserve(token, lectureId, `warm-up-${student}`);
    tell(`warming up: ${student + 1} of ${students}`);
  });
  return lectureId;
}
