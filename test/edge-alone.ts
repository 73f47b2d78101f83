import { openAdmission } from "../admission/opening.ts";
import { Keyring } from "../contract/keyring.ts";
import { createApp } from "../edge/app.ts";
import { readEdgeConfig } from "../edge/config.ts";
import { openDeps } from "../edge/deps.ts";
import { issueSession } from "../origin/session-token.ts";
import { newKeyring } from "../stack/secrets.ts";
import { startCountingProxy } from "./counting-proxy.ts";
import { listedClaims, loadLecture } from "./load-lecture.ts";
import { addressOf, openTestRedis, randomLectureId } from "./servers.ts";
import { startStubOrigin } from "./stub-origin.ts";

export type EdgeAlone = ReturnType<typeof startEdgeAlone>;

/** The edge's app on the real Redis behind a counting proxy, and on a stub origin. */
export function startEdgeAlone(settings: Record<string, string> = {}) {
  const keys = { EDGE_KEYS: newKeyring(2), SESSION_KEYS: newKeyring(2) };
  const origin = startStubOrigin(keys.EDGE_KEYS);
  const wire = startCountingProxy(addressOf("UPSTASH_REDIS_REST_URL"));
  const env = {
    ...keys,
    UPSTASH_REDIS_REST_URL: wire.url,
    UPSTASH_REDIS_REST_TOKEN: addressOf("UPSTASH_REDIS_REST_TOKEN"),
    ORIGIN_URL: origin.url,
    ...settings,
  };
  // A random address has its own token bucket, which no other test has used.
  const address = `10.${crypto.getRandomValues(new Uint8Array(3)).join(".")}`;
  const app = createApp(openDeps(readEdgeConfig(env)), () => ({ socketAddress: () => address }));
  return {
    env,
    address,
    origin,
    wire,
    redis: openTestRedis(),
    fetch: (path: string, init: RequestInit = {}) =>
      app.fetch(new Request(new URL(path, "http://edge"), init), undefined),
    handle: (request: Request) => app.fetch(request, undefined),
    async close() {
      await origin.close();
      await wire.close();
    },
  };
}

/** A token of a user, as the origin signs it. */
export async function tokenFor(
  userId: string,
  sessionKeys: string,
  nowMs = Date.now(),
  groups?: string[],
): Promise<string> {
  const { token } = await issueSession(Keyring.parse(sessionKeys), {
    userId,
    role: "student",
    ...(groups && { groups }),
    minutes: 10,
    nowMs,
  });
  return token;
}

/** A user that no other test uses. */
export function randomUserId(): string {
  return `u-${crypto.randomUUID()}`;
}

/** Loads a lecture into Redis and gives its id. The lecture opened a minute ago by default. */
export async function loadOpenLecture(
  redis: EdgeAlone["redis"],
  change: Partial<Parameters<typeof loadLecture>[1]> = {},
): Promise<string> {
  const lectureId = randomLectureId();
  const nowMs = Date.now();
  const lecture = {
    lectureId,
    opensAtMs: nowMs - 60_000,
    closesAtMs: nowMs + 3_600_000,
    capacity: 10,
    cancelled: false,
  };
  await openAdmission(redis);
  await loadLecture(redis, { ...lecture, ...change }, listedClaims());
  return lectureId;
}

/** A new student, signed in at this edge. */
export async function enterStudent({ env, fetch }: EdgeAlone, groups?: string[]) {
  const userId = randomUserId();
  const token = await tokenFor(userId, env.SESSION_KEYS, Date.now(), groups);
  const authorization = { Authorization: `Bearer ${token}` };
  const send = (method: string, path: string, headers: Record<string, string> = {}) =>
    fetch(path, { method, headers: { ...authorization, ...headers } });
  return {
    userId,
    send,
    press: (lectureId: string, headers: Record<string, string> = {}) =>
      send("POST", `/api/lectures/${lectureId}/reservations`, headers),
  };
}

/** A response's JSON body. */
export async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}
