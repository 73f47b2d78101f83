import { environmentOf } from "../environment.ts";
import { openLectureDatabases } from "../insert-lecture.ts";
import { type PartName, paths } from "../layout.ts";
import type { Plan } from "../plan.ts";
import { complaintIn, outputFromNow } from "../program-log.ts";
import { StackError } from "../stack-error.ts";
import { findProofLecture, forgetOldBookings } from "./lecture.ts";
import { NotAnswered, visitor } from "./visitor.ts";

/** The part whose log explains each code. */
const BEHIND: Record<string, PartName> = {
  not_ready: "worker",
  pending: "worker",
  undeliverable: "worker",
  unavailable: "edge",
  internal: "edge",
};

/**
 * Books a seat through the edge as a student does, and gives it back. Ready parts alone do not
 * prove that booking works. Leaves a row, which a later start removes. Throws StackError with the
 * failed step, its answer, and the complaint in the log of the part behind it.
 */
export async function proveBooking(plan: Plan, signal: AbortSignal): Promise<string> {
  const environment = environmentOf(plan);
  const outputs = { worker: logOf(plan, "worker"), edge: logOf(plan, "edge") };
  const databases = openLectureDatabases(environment, 1);
  try {
    const lectureId = await findProofLecture(databases);
    for (const { rid, userId } of await forgetOldBookings(
      databases.database,
      lectureId,
      environment,
    ))
      await (await visitor(environment, userId, signal)).giveBack(rid);
    const student = await visitor(
      environment,
      `npm-start-${crypto.randomUUID().slice(0, 8)}`,
      signal,
    );
    await student.giveBack(await student.book(lectureId));
    return "a seat was booked and given back";
  } catch (error) {
    if (!(error instanceof NotAnswered)) throw error;
    const part = BEHIND[error.code];
    const log =
      part === "worker" || part === "edge" ? `; ${part}: ${complaintIn(outputs[part])}` : "";
    throw new StackError(`all parts are up, and nothing can be booked: ${error.message}${log}`);
  } finally {
    await databases.close();
  }
}

function logOf({ dir }: Plan, part: PartName) {
  return outputFromNow(paths.log(dir, part));
}
