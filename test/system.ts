import * as z from "zod";
import { SignedIn } from "../contract/origin-api.ts";
import {
  insertLecture,
  type LectureDatabases,
  type NewLecture,
  openLectureDatabases,
} from "../stack/insert-lecture.ts";
import { eventually } from "./servers.ts";

const System = z.object({
  edgeUrl: z.url(),
  originUrl: z.url(),
  workerUrl: z.url(),
  /** the environment of the running services */
  env: z.record(z.string(), z.string()),
});

/** The whole running system, which `npm test` starts beside the servers of the room tests. */
export function runningSystem(): z.infer<typeof System> {
  const text = process.env["LECTERN_SYSTEM"];
  if (!text)
    throw new Error(
      "LECTERN_SYSTEM is not set: run the tests with npm test, which starts the system",
    );
  return System.parse(JSON.parse(text));
}

/** The running system's databases, for inserting lectures. */
export function openSystemDatabases() {
  const { BOOKING_MYSQL_URL, CATALOGUE_MYSQL_URL } = runningSystem().env;
  if (!BOOKING_MYSQL_URL || !CATALOGUE_MYSQL_URL)
    throw new Error("the running system names no databases");
  return openLectureDatabases({ BOOKING_MYSQL_URL, CATALOGUE_MYSQL_URL }, 2);
}

/**
 * Publishes a lecture and waits until the edge admits to it. The lecture opened a minute ago by
 * default.
 */
export async function publishLecture(
  databases: LectureDatabases,
  change: Partial<NewLecture> = {},
): Promise<string> {
  const hourMs = 3_600_000;
  const nowMs = Date.now();
  const lectureId = await insertLecture(databases, {
    title: "从光到量子 From light to quanta",
    speaker: "Department of Physics",
    venue: "Hall 1",
    opensAt: new Date(nowMs - 60_000),
    closesAt: new Date(nowMs + hourMs),
    startsAt: new Date(nowMs + 2 * hourMs),
    endsAt: new Date(nowMs + 3 * hourMs),
    capacity: 10,
    ...change,
  });
  await eventually(`lecture ${lectureId} is loaded`, async () => {
    return (await get(`/api/lectures/${lectureId}/availability`)).ok;
  });
  return lectureId;
}

/** Signs in a student with a random number and gives the token. */
export async function signIn(): Promise<string> {
  const studentNumber = `T${crypto.randomUUID().replaceAll("-", "").slice(0, 18)}`;
  const response = await fetch(`${runningSystem().edgeUrl}/api/auth/demo`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ studentNumber }),
  });
  return SignedIn.parse(await response.json()).token;
}

/** Signs in an organiser of the host that `publishLecture` uses, and gives the token. */
export async function signInOrganiser(hosts: string[] = ["campus"]): Promise<string> {
  const studentNumber = `T${crypto.randomUUID().replaceAll("-", "").slice(0, 18)}`;
  const response = await fetch(`${runningSystem().edgeUrl}/api/auth/demo`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ studentNumber, role: "organiser", hosts }),
  });
  return SignedIn.parse(await response.json()).token;
}

export function get(path: string, token?: string): Promise<Response> {
  return send("GET", path, token);
}

export function send(
  method: string,
  path: string,
  token?: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  return fetch(new URL(path, runningSystem().edgeUrl), {
    method,
    headers: { ...authorization, ...headers },
  });
}

/**
 * Presses the button: books a seat under a key, and waits up to `waitS` seconds for the decision.
 */
export function press(
  lectureId: string,
  token: string,
  key: string,
  waitS = 10,
): Promise<Response> {
  const headers = { "idempotency-key": key, ...(waitS ? { prefer: `wait=${waitS}` } : {}) };
  return send("POST", `/api/lectures/${lectureId}/reservations`, token, headers);
}

/** A response's JSON body. */
export async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}
