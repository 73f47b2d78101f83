import type { RedisRequest } from "../../../admission/send.ts";
import { type Amendment, AmendmentRefusal } from "../../../contract/amendment.ts";
import { type AssetManifest, MANIFEST_FILE } from "../../../contract/asset-manifest.ts";
import { Keyring } from "../../../contract/keyring.ts";
import { LectureInList } from "../../../contract/lecture.ts";
import type { AmendRequest } from "../../../contract/organised-lecture.ts";
import type { Reservation } from "../../../contract/reservation.ts";
import { createApp, createRoutes } from "../../../edge/app.ts";
import { readEdgeConfig } from "../../../edge/config.ts";
import { openDeps } from "../../../edge/deps.ts";
import { createKeptReads } from "../../../edge/kept-reads.ts";
import { openLimits } from "../../../edge/limits.ts";
import { openNotLoaded } from "../../../edge/not-loaded.ts";
import type { Origin, OriginRequest } from "../../../edge/origin-client.ts";
import { openRoundTrips } from "../../../edge/round-trips.ts";
import { issueSession } from "../../../origin/session-token.ts";
import { newKeyring } from "../../../stack/secrets.ts";
import { ROOMY_BUCKETS } from "../../kit/roomy-buckets.ts";
import { LECTURE, RID } from "./example.ts";
import { type Input, requestOf } from "./input.ts";

/**
 * The edge's whole app, its Redis client included, with answers from memory in place of the
 * network. Nothing listens.
 */
export async function edgeInMemory() {
  const SESSION_KEYS = newKeyring(1);
  const METRICS_TOKEN = "m".repeat(32);
  const config = readEdgeConfig({
    UPSTASH_REDIS_REST_URL: "http://redis.invalid",
    UPSTASH_REDIS_REST_TOKEN: "token",
    ORIGIN_URL: "http://origin.invalid",
    EDGE_KEYS: newKeyring(1),
    SESSION_KEYS,
    METRICS_TOKEN,
    // The test is of answers, thousands a second for one student. Empty buckets are simulated by
    // the Redis below.
    ...ROOMY_BUCKETS,
  });
  let world = 0;
  const send = async ({ body, json }: RedisRequest) =>
    answersOf(json ? JSON.parse(json) : body, world);
  const roundTrips = openRoundTrips(send);
  const origin = originOf(() => world);
  const deps = {
    ...openDeps(config, { readAsset }),
    redis: roundTrips.redis,
    keptReads: createKeptReads({ mayShare: false, exchange: roundTrips.exchange }),
    limits: openLimits(roundTrips, config.buckets),
    origin,
    whyNotLoaded: openNotLoaded(origin),
  };
  const app = createApp(deps, () => ({ socketAddress: () => "192.0.2.1" }));
  const nowMs = Date.now();
  const keys = Keyring.parse(SESSION_KEYS);
  const tokens = await Promise.all(
    (["student", "organiser", "admin"] as const).map(async (role) => {
      const session = { userId: `s-${role}`, role, minutes: 60, nowMs };
      return (await issueSession(keys, session)).token;
    }),
  );
  return {
    routes: createRoutes(deps).routes,
    send(input: Input): Promise<Response> | Response {
      world = input.world;
      const request = requestOf("edge", input);
      const isOperator = input.identity === 1 && input.path.startsWith("/metrics");
      const token = isOperator ? METRICS_TOKEN : tokens[input.identity - 1];
      if (token) request.headers.set("Authorization", `Bearer ${token}`);
      return app.fetch(request, undefined);
    },
  };
}

/** Two files of pages, and their manifest. */
async function readAsset(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const text = FILES[name];
  return text === undefined ? undefined : new TextEncoder().encode(text);
}

const ASSET = { type: "text/html; charset=utf-8", etag: "e", immutable: true, bytes: 15, br: 15 };
const MANIFEST: AssetManifest = {
  builtFrom: "",
  files: {
    "docs.html": ASSET,
    "assets/a-1.js": { ...ASSET, type: "text/javascript; charset=utf-8" },
  },
};
const FILES: Record<string, string> = {
  [MANIFEST_FILE]: JSON.stringify(MANIFEST),
  "docs.html": "<!doctype html>",
  "docs.html.br": "<!doctype html>",
  "assets/a-1.js": "export default 1",
  "assets/a-1.js.br": "export default 1",
};

const STATUSES = ["pending", "confirmed", "rejected", "cancelled"] as const;
const CLAIM_ANSWERS: unknown[][] = [
  ["claimed", RID, 1],
  ["repeated", RID, "held"],
  ["repeated", RID, "confirmed"],
  ["repeated", RID, "rejected"],
  ["already_reserved", RID, "held"],
  ["not_open", 1_234],
  ["throttled", 9_999],
  ["closed"],
  ["cancelled"],
  ["sold_out"],
  ["not_ready"],
];

/** Redis' answer to a command, or to each command of a pipeline. It fails one time in fifty. */
function answersOf(body: unknown, world: number): never {
  if (world % 50 === 0) throw new Error("Redis is away");
  const commands = body as unknown[];
  const answer = Array.isArray(commands[0])
    ? commands.map((command) => ({ result: resultOf(command as unknown[], world) }))
    : { result: resultOf(commands, world) };
  // The caller chooses the client's type of an answer.
  return answer as never;
}

function resultOf(command: unknown[], world: number): unknown {
  const [name, , keys] = command.map(String);
  // The catalogue's generation.
  if (name === "GET") return `g${world % 5}`;
  if (name === "hget") return world % 3 === 0 ? `h:1:${RID}` : null;
  if (keys === "5") return CLAIM_ANSWERS[world % CLAIM_ANSWERS.length];
  if (keys === "2")
    return world % 7 === 0 ? [] : [1, 1, 9e12, 10, world % 2, world % 12, Date.now()];
  return world % 40 === 1 ? [-1, 1_000] : [10, 1_000];
}

/** The origin's answer: a valid one, a refusal, an unusable one, or none. */
function originOf(worldNow: () => number): Origin {
  const answer = async ({ method, path, body }: OriginRequest): Promise<Response> => {
    const world = worldNow();
    if (world % 60 === 2) throw new Error("the origin is away");
    if (world % 60 === 3) return new Response("<html>", { status: 502 });
    if (world % 60 === 4) return Response.json({ code: busy(path) }, { status: 503 });
    const code = missing(method, path);
    if (world % 5 === 1 && code) return Response.json({ code }, { status: 404 });
    if (path.startsWith("/lectures/")) return Response.json(SHOWN, { headers: { ETag: '"1"' } });
    if (path.split("?")[0] === "/lectures") return Response.json({ lectures: [LISTED] });
    if (path === "/open-lectures")
      return Response.json({ lectureIds: ["7"], complete: world % 9 > 0 });
    if (path.startsWith("/users/")) {
      const more = world % 4 === 2 && { more: `1.${RID}` };
      return Response.json({ reservations: [reservation(world)], ...more });
    }
    if (isFile(path, method)) return new Response("a,b\r\n");
    if (path.startsWith("/admin/lecture-file")) return Response.json(imported(world));
    if (path === "/claims") return Response.json({ queued: world % 2, closed: world % 3 === 0 });
    if (path === "/decisions")
      return Response.json({ reservations: [{ ...reservation(world), status: "confirmed" }] });
    if (path.includes("/students?")) return Response.json(listed(world));
    if (path.includes("/reservations?by="))
      return Response.json({ reservations: [SEAT], ...(world % 4 === 2 && { more: RID }) });
    if (path.startsWith("/admin/lectures"))
      return Response.json(organised({ method, path, body }, world));
    if (path.startsWith("/admin/amendments/")) return Response.json(amended(world));
    if (path.startsWith("/admin/hosts?")) return Response.json({ hosts: [HOST] });
    if (path.startsWith("/admin/hosts/")) return Response.json(HOST);
    if (path === "/auth/demo") return Response.json({ token: "a.b.c", expiresAt: inAnHour });
    if (method === "POST")
      return Response.json({ queued: world % 2 === 0, reservation: reservation(world) });
    return Response.json(reservation(world));
  };
  return { ask: answer, follow: answer };
}

/** The code of the origin's 503 on a path. */
function busy(path: string): string {
  return path.includes("/events") ? "too_many_streams" : "overloaded";
}

/** The code of the origin's 404 on a path; undefined for lists, which are never missing. */
function missing(method: string, path: string): string | undefined {
  if (path.startsWith("/admin/")) return missingOfOrganisers(method, path);
  if (path.startsWith("/lectures/")) return "lecture_not_found";
  if (path === "/auth/demo") return "route_not_found";
  return path.startsWith("/reservations/") || path === "/commands"
    ? "reservation_not_found"
    : undefined;
}

function missingOfOrganisers(method: string, path: string): string | undefined {
  if (path.startsWith("/admin/hosts/")) return "host_not_found";
  if (path.startsWith("/admin/amendments/")) return "amendment_not_found";
  if (path.startsWith("/admin/lectures/")) return "lecture_not_found";
  return method === "POST" && path.startsWith("/admin/lectures?") ? "host_not_found" : undefined;
}

function reservation(world: number): Reservation {
  return { id: RID, lectureId: "7", status: STATUSES[world % 4] ?? "pending", reason: "sold_out" };
}

function isFile(path: string, method: string): boolean {
  return (
    path.includes("/reservations.csv?") ||
    (method === "GET" && path.startsWith("/admin/lecture-file"))
  );
}

function imported(world: number): unknown {
  const fault = { row: 2, field: "host", en: "No.", zh: "否。" };
  const status = IMPORTED[world % IMPORTED.length];
  return world % 3 === 0 ? { faults: [fault] } : { rows: [{ row: 2, title: "Light", status }] };
}

function listed(world: number): unknown {
  const numbers = ["20230001", "20230001", "no number"];
  const students = numbers.map((studentNumber, at) => ({ line: at + 1, studentNumber }));
  return world % 7 === 0 ? { fault: "quotes", line: 2 } : { students };
}

const IMPORTED = ["made", "pending", "unchanged", "valid", "refused"];
const SEAT = { id: RID, userId: "s-1", studentNumber: "1", status: "confirmed" };

/** The origin's answer about the lectures of an organiser. */
function organised(
  { method, path, body }: Pick<OriginRequest, "method" | "path" | "body">,
  world: number,
): unknown {
  if (method === "POST") return amended(world, reasonsFor(body as Partial<AmendRequest>));
  const [route] = path.split("?");
  if (route === "/admin/lectures")
    return {
      lectures: [{ ...LISTED, published: true, cancelUntil: null }],
      ...(world % 4 === 2 && { next: "/api/admin/lectures?after=x" }),
    };
  if (route?.endsWith("/amendments"))
    return { amendments: [amended(world).amendment], ...(world % 4 === 2 && { next: `1.${RID}` }) };
  return ORGANISED;
}

function amended(
  world: number,
  reasons: readonly AmendmentRefusal[] = AmendmentRefusal.options,
): { amendment: Amendment; lecture?: unknown } {
  const named = { id: RID, lectureId: "7" };
  if (world % 3 === 0) return { amendment: { ...named, status: "pending" } };
  const decided = { ...named, version: 1, by: "s-1", requestedAt: AT, decidedAt: AT };
  const change = { opensAtMs: 1, cancelUntilMs: null };
  const reason = reasons[world % reasons.length];
  const lecture = world % 7 === 0 ? {} : { lecture: ORGANISED };
  return world % 3 === 1 || reason === undefined
    ? { amendment: { ...decided, status: "applied", change }, ...lecture }
    : { amendment: { ...decided, status: "refused", reason, change }, ...lecture };
}

/** The reasons that the worker has to refuse such a change. */
function reasonsFor({ change, ifVersion, strict }: Partial<AmendRequest>): AmendmentRefusal[] {
  const whys: AmendmentRefusal[] = ["invalid", "undeliverable"];
  if (change?.create) return whys;
  if (typeof ifVersion === "number") whys.push("version_conflict");
  if (strict) whys.push("seats_given");
  return [...whys, "lecture_not_found"];
}

const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
const HOST = { id: "campus", name: "Campus" };
const AT = "2026-01-01T00:00:00.000Z";
const TIMES = { startsAt: AT, endsAt: AT, opensAt: AT, closesAt: AT };
const SHOWN = {
  ...LECTURE,
  ...TIMES,
  cancelled: false,
  host: HOST,
  audience: [],
};
const LISTED = LectureInList.parse(SHOWN);
const ORGANISED = {
  ...SHOWN,
  description: "",
  published: true,
  cancelUntil: null,
  capacity: 2,
  sinkingTo: 1,
  seatsTaken: 2,
  remaining: 0,
  amendments: 1,
  createdBy: "s-1",
  createdAt: AT,
  updatedAt: AT,
};
