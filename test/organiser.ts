import { SignedIn } from "../contract/origin-api.ts";
import type { Role } from "../contract/session.ts";
import { eventually } from "./servers.ts";
import { runningSystem } from "./system.ts";

export interface Answered {
  status: number;
  etag: string | null;
  location: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: the API document checks the shape of every answer
  body: any;
}

export type Organiser = Awaited<ReturnType<typeof enterAs>>;

/** Somebody signed in at the running system, in a role. */
export async function enterAs(
  role: Role,
  { hosts = [], groups = [] }: { hosts?: string[]; groups?: string[] } = {},
) {
  const { edgeUrl } = runningSystem();
  const studentNumber = `T${crypto.randomUUID().replaceAll("-", "").slice(0, 18)}`.toUpperCase();
  const signIn = await fetch(`${edgeUrl}/api/auth/demo`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ studentNumber, role, hosts, groups }),
  });
  const { token } = SignedIn.parse(await signIn.json());

  async function send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answered> {
    const response = await fetch(edgeUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      etag: response.headers.get("etag"),
      location: response.headers.get("location"),
      body: text === "" ? undefined : JSON.parse(text),
    };
  }
  return { userId: `s-${studentNumber}`, token, send, get: (path: string) => send("GET", path) };
}

/** A host of one test's own, and an organiser who works for it. */
export async function enterOrganiser() {
  const host = `h-${crypto.randomUUID().slice(0, 12)}`;
  const admin = await enterAs("admin");
  await admin.send("PUT", `/api/admin/hosts/${host}`, { name: `Host ${host}` });
  return { host, admin, ...(await enterAs("organiser", { hosts: [host] })) };
}

const HOUR_MS = 3_600_000;

/** The body of a request to make a lecture, open since a minute. */
export function newLecture(host: string, change: Record<string, unknown> = {}) {
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  return {
    host,
    title: "从光到量子 From light to quanta",
    speaker: "Department of Physics",
    venue: "Hall 1",
    description: "*Light*",
    opensAt: at(-60_000),
    closesAt: at(HOUR_MS),
    startsAt: at(2 * HOUR_MS),
    endsAt: at(3 * HOUR_MS),
    capacity: 10,
    published: true,
    ...change,
  };
}

/** Makes a lecture and waits until it can be booked. */
export async function makeOpenLecture(
  organiser: Pick<Organiser, "send" | "get"> & { host: string },
  change: Record<string, unknown> = {},
): Promise<string> {
  const made = await organiser.send(
    "POST",
    "/api/admin/lectures",
    newLecture(organiser.host, change),
    { prefer: "wait=20" },
  );
  if (made.status !== 201) throw new Error(`not made: ${made.status} ${made.body?.code}`);
  const { id } = made.body;
  await eventually(`lecture ${id} is loaded`, async () => {
    return (await organiser.get(`/api/lectures/${id}/availability`)).status === 200;
  });
  return id;
}
