import type { LectureId } from "../../../contract/ids.ts";
import type { Change } from "../../../contract/terms.ts";
import { openOrganiser } from "../../kit/organiser.ts";
import { type Booking, pressUntilTold } from "./crowd.ts";
import { arrive, publish, type Stage } from "./provocations.ts";

const SEATS = 6;
const CUT_TO = 2;
const STUDENTS = 4;

/** A dead worker is back, and its command delivered again, within this time, in milliseconds. */
const DECIDED_WITHIN_MS = 60_000;

/** A cut below the seats that are taken, while students press, and more seats after it. */
export async function amendCut(stage: Stage): Promise<void> {
  const lectureId = await publish(stage, SEATS);
  await press(stage, lectureId);
  await Promise.all([
    amend(stage, lectureId, [{ capacity: CUT_TO }, { capacity: SEATS }]),
    press(stage, lectureId),
  ]);
}

/** A lecture is cancelled while it has seats. Its students gave nothing back, and lose theirs. */
export async function amendCancel(stage: Stage): Promise<void> {
  const lectureId = await publish(stage, SEATS);
  const crowd = await press(stage, lectureId);
  for (const booking of crowd) booking.cancelled = booking.told.includes("confirmed");
  await amend(stage, lectureId, [{ cancelled: true }]);
}

async function press(stage: Stage, lectureId: LectureId): Promise<Booking[]> {
  const crowd = await Promise.all(Array.from({ length: STUDENTS }, () => arrive(stage, lectureId)));
  await Promise.all(crowd.map((booking) => pressUntilTold(stage.edge, booking)));
  return crowd;
}

async function amend({ sources }: Stage, lectureId: LectureId, changes: Change[]): Promise<void> {
  const organiser = openOrganiser(sources);
  try {
    if (!(await organiser.readyWithin(10_000))) throw new Error("RabbitMQ does not answer");
    for (const change of changes) await organiser.amend(lectureId, change);
    const decided = await organiser.untilDecided(lectureId, DECIDED_WITHIN_MS);
    if (decided.length !== changes.length)
      throw new Error(`${changes.length - decided.length} amendments were never decided`);
  } finally {
    await organiser.close();
  }
}
