import type { LectureId } from "../../../../contract/ids.ts";
import { Keyring } from "../../../../contract/keyring.ts";
import { type Lectures, makeLectures, untilLoaded } from "../../lectures.ts";
import { openConnections } from "../../load/connections.ts";
import { closedLoop, openLoop, type Pace } from "../../load/press.ts";
import { studentMaker } from "../../load/student.ts";
import type { BenchSystem } from "../../system.ts";
import type { Bench } from "../bench.ts";
import { startEmpty } from "./lectures.ts";
import { reserveRequest } from "./requests.ts";

/** How long a waiting student waits for the decision, in seconds. */
export const WAIT_S = 10;

export type Crowd = Awaited<ReturnType<typeof openCrowd>>;

/**
 * Lets a crowd press for new lectures, with the worker running and nothing else in the system.
 *
 * @param lectures one list of ids for each
 * @param connections the most students with a request under way
 */
export async function withCrowd<Result>(
  { system, clients }: Bench,
  { connections, lectures }: { connections: number; lectures: Lectures[] },
  work: (crowd: Crowd, ...lectureIds: LectureId[][]) => Promise<Result>,
): Promise<Result> {
  await startEmpty({ system, clients });
  const lectureIds: LectureId[][] = [];
  for (const some of lectures) lectureIds.push(await makeLectures(clients, some));
  await system.startWorker();
  await untilLoaded(clients.redis, lectureIds.flat());
  const crowd = await openCrowd(system, connections);
  try {
    return await work(crowd, ...lectureIds);
  } finally {
    crowd.close();
  }
}

/** Students at the edge: any number over a bounded number of connections. */
export async function openCrowd({ environment }: BenchSystem, connectionCount: number) {
  const { EDGE_URL, SESSION_KEYS } = environment;
  const connections = await openConnections(Number(new URL(EDGE_URL).port), connectionCount);
  const newStudent = studentMaker(Keyring.parse(SESSION_KEYS));
  return {
    newStudent,

    /** The next request of a loop: a new student books one of the lectures, in turn. */
    booking(lectureIds: LectureId[], { waitS }: { waitS: number }): () => string {
      let pressed = 0;
      return () => {
        const lectureId = lectureIds[pressed % lectureIds.length] ?? "1";
        pressed += 1;
        return reserveRequest(newStudent(), lectureId, { key: "press", waitS });
      };
    },

    closed: (next: () => string | undefined, options: { clients: number; seconds?: number }) =>
      closedLoop({ connections, next }, options),
    open: (next: () => string, pace: Pace) => openLoop({ connections, next }, pace),
    close: connections.close,
  };
}
