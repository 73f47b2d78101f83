import type { LectureId } from "../../../../contract/ids.ts";
import { Keyring } from "../../../../contract/keyring.ts";
import { type Connections, openConnections } from "../../overload/connections.ts";
import type { CapacitySystem } from "../system/system.ts";
import { closedLoop, openLoop, type Pressed } from "./press.ts";
import { reserveRequest } from "./requests.ts";
import { type Student, studentMaker } from "./student.ts";

/** How long a waiting student waits for the decision, in seconds. */
export const WAIT_S = 10;

/** Students at the edge: any number over a bounded number of connections. */
export interface Crowd {
  connections: Connections;
  newStudent(): Student;
  /** The next request of a loop: a new student books one of the lectures, in turn. */
  booking(lectureIds: LectureId[], options: { waitS: number }): () => string;
  closed(
    next: () => string | undefined,
    options: { clients: number; seconds?: number },
  ): Promise<Pressed>;
  open(next: () => string, options: { perSecond: number; seconds: number }): Promise<Pressed>;
  close(): void;
}

export async function openCrowd(system: CapacitySystem, connectionCount: number): Promise<Crowd> {
  const { EDGE_URL, SESSION_KEYS } = system.environment;
  const connections = await openConnections(Number(new URL(EDGE_URL).port), connectionCount);
  const newStudent = studentMaker(Keyring.parse(SESSION_KEYS));
  return {
    connections,
    newStudent,
    booking(lectureIds, { waitS }) {
      let pressed = 0;
      return () => {
        const lectureId = lectureIds[pressed % lectureIds.length] ?? "1";
        pressed += 1;
        return reserveRequest(newStudent(), lectureId, { key: "press", waitS });
      };
    },
    closed: (next, options) => closedLoop({ connections, next }, options),
    open: (next, options) => openLoop({ connections, next }, options),
    close: connections.close,
  };
}
