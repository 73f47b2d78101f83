import { afterAll, expect, test } from "bun:test";
import { runtimes, serveEdge } from "./edge-runtimes.ts";
import { get, json, openSystemDatabases, publishLecture, runningSystem, signIn } from "./system.ts";

const databases = openSystemDatabases();
afterAll(() => databases.close());

/** The settings that an edge needs, from the running system. */
function edgeEnvironment(): Record<string, string> {
  const { env, originUrl } = runningSystem();
  const names = ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "EDGE_KEYS", "SESSION_KEYS"];
  const settings = names.map((name): [string, string] => [name, env[name] ?? ""]);
  return { ...Object.fromEntries(settings), ORIGIN_URL: originUrl };
}

test.each(runtimes)(
  "on %s a student books a seat, and it is the same seat for the rest of the system",
  async (runtime) => {
    const edge = await serveEdge(runtime, edgeEnvironment());
    try {
      const [lectureId, token] = [await publishLecture(databases), await signIn()];
      const headers = {
        Authorization: `Bearer ${token}`,
        Prefer: "wait=10",
        "Idempotency-Key": runtime,
      };
      const path = `/api/lectures/${lectureId}/reservations`;
      const response = await fetch(edge.url + path, { method: "POST", headers });
      const reservation = await json(response);
      expect(response.status).toBe(201);
      expect(reservation).toMatchObject({ lectureId, status: "confirmed" });
      expect(await json(await get(`/api/reservations/${reservation["id"]}`, token))).toEqual(
        reservation,
      );
    } finally {
      expect(await edge.close()).toBe(0);
    }
  },
);
