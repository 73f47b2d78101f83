import type { LectureId } from "../../contract/ids.ts";
import { edgeClient } from "../../proof/kit/edge-client.ts";
import type { StackEnvironment } from "../../stack/environment.ts";
import type { LectureDatabases } from "../../stack/insert-lecture.ts";
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
  {
    students,
    interrupted,
    tell,
  }: { students: number; interrupted: AbortSignal; tell(line: string): void },
): Promise<LectureId> {
  const seats = Math.ceil(students / 2);
  const lectureId = await publishLecture(databases, {
    edgeUrl,
    seats,
    opensAtMs: Date.now() - 60_000,
  });
  const tokens = await mintTokens(sessionKeys, students, interrupted);
  const edge = edgeClient(edgeUrl);
  let next = 0;
  const pressing = Array.from({ length: AT_ONCE }, async () => {
    for (let student = next++; student < students; student = next++) {
      interrupted.throwIfAborted();
      await edge.reserve(tokens[student] ?? "", lectureId, `warm-up-${student}`);
      tell(`warming up: ${student + 1} of ${students}`);
    }
  });
  await Promise.all(pressing);
  return lectureId;
}
