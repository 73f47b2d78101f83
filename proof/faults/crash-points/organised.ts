import { decodeJwt } from "jose";
import { UserId } from "../../../contract/ids.ts";
import { SignedIn } from "../../../contract/origin-api.ts";
import type { Stage } from "./provocations.ts";

/** A dead service is back within this time, in milliseconds. */
const MADE_WITHIN_MS = 60_000;

/**
 * An organiser makes a lecture and renames it, and asks again with the same key until it is told:
 * one lecture, with the new name, whenever the origin dies.
 */
export async function organise(stage: Stage): Promise<void> {
  const host = `h-${crypto.randomUUID().slice(0, 8)}`;
  const { send } = await enterAdmin(stage);
  await send(`/hosts/${host}`, "PUT", { name: host });
  const key = { "Idempotency-Key": crypto.randomUUID() };
  const made = await send("/lectures", "POST", lectureOf(host), key);
  const change = { title: "Renamed" };
  const ifFirst = { ...key, "If-Match": '"1"' };
  const renamed = await send(`/lectures/${made["id"]}`, "PATCH", change, ifFirst);
  if (renamed["title"] !== "Renamed" || renamed["version"] !== 2 || renamed["amendments"] !== 2)
    throw new Error(`renamed once, the lecture is ${JSON.stringify(renamed)}`);
  const { lectures } = (await send(`/lectures?host=${host}`, "GET", undefined)) as {
    lectures: unknown[];
  };
  if (lectures.length !== 1) throw new Error(`${lectures.length} lectures were made, not one`);
}

/** Signs an admin in. `send` repeats a request until the edge answers, and gives that answer. */
export async function enterAdmin({ edge: { url } }: Stage) {
  const studentNumber = crypto.randomUUID().replaceAll("-", "").slice(0, 16);
  const signIn = { studentNumber, role: "admin" };
  const { token } = SignedIn.parse(await insist(`${url}/api/auth/demo`, "POST", signIn));
  const session = { Authorization: `Bearer ${token}` };
  const userId = UserId.parse(decodeJwt(token).sub);
  return {
    userId,
    send: (path: string, method: string, body: unknown, headers = {}, hear?: Hear) =>
      insist(`${url}/api/admin${path}`, method, body, { ...session, ...headers }, hear),
  };
}

/** Gets each answer that is no refusal. */
type Hear = (told: Record<string, unknown>) => void;

function lectureOf(host: string) {
  const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  const words = { host, title: "Made", speaker: "P", venue: "H" };
  return { ...words, opensAt: at(-1), startsAt: at(2), endsAt: at(3), capacity: 5 };
}

/** Repeats a request while its outcome is unknown, or its work is under way. */
async function insist(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string> = {},
  hear: Hear = () => {},
): Promise<Record<string, unknown>> {
  for (const endsAtMs = Date.now() + MADE_WITHIN_MS; ; ) {
    const answer = await fetch(url, {
      method,
      headers: { "Content-Type": "application/json", Prefer: "wait=5", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch(() => undefined);
    const told = await answer?.json().catch(() => undefined);
    if (answer?.ok && told !== undefined) hear(told as Record<string, unknown>);
    if (answer?.status === 200 || answer?.status === 201) return told as Record<string, unknown>;
    const isOpen =
      !answer || answer.status === 202 || answer.status === 429 || answer.status >= 500;
    if (!isOpen || Date.now() > endsAtMs)
      throw new Error(`${method} ${url}: ${answer?.status} ${JSON.stringify(told)}`);
    await Bun.sleep(500);
  }
}
