import fc from "fast-check";
import { writeCursor } from "../../../contract/reservation-page.ts";
import { checkEdgeAnswer, checkOriginAnswer } from "./answers.ts";
import { bodyOf, bytesOf } from "./bodies.ts";
import { edgeInMemory } from "./edge-in-memory.ts";
import { RID } from "./example.ts";
import { type Input, inputsOf, type Shape } from "./input.ts";
import { originInMemory, WORDS } from "./origin-in-memory.ts";
import { headerValue, hostileText, mostly, segment, userId } from "./texts.ts";

/** A route to try: its inputs, the way to send them, and the check of its answers. */
export interface Target {
  service: "edge" | "origin";
  route: string;
  inputs: fc.Arbitrary<Input>;
  send(input: Input): Promise<Response> | Response;
  /** fails, or returns the name of the answer */
  check(method: string, answer: Response): Promise<string>;
}

const text = (...good: string[]) =>
  mostly<unknown>(fc.constantFrom(...good), fc.oneof(hostileText, fc.jsonValue({ maxDepth: 1 })));
const number = mostly<unknown>(
  fc.constantFrom(0, 1, 1_700_000_000_000),
  fc.oneof(fc.double(), hostileText),
);
const signIn = bodyOf({
  studentNumber: text("20230001", "A123"),
  role: text("student", "organiser", "admin"),
  hosts: fc.array(text("physics"), { maxLength: 3 }),
  groups: fc.array(text("staff", "物理系"), { maxLength: 3 }),
});
/** Who asks, in the address of an origin's route for organisers. */
const actor = {
  by: userId,
  role: mostly(fc.constantFrom("organiser", "admin"), segment),
  hosts: mostly(fc.constantFrom("", "campus", "a,b"), segment),
};
/** One of many fields: most bodies are to be valid. */
const field = (...good: unknown[]) =>
  fc.oneof(
    { arbitrary: fc.constantFrom(...good), weight: 30 },
    { arbitrary: fc.oneof(hostileText, fc.jsonValue({ maxDepth: 1 })), weight: 1 },
  );
const times = {
  opensAt: field("2029-01-01T00:00:00.5Z"),
  closesAt: field("2030-01-01T00:00:00Z"),
  startsAt: field("2030-01-02T08:00:00+08:00"),
  endsAt: field("2030-01-03T00:00:00-12:00"),
};
const lecture = {
  ...times,
  host: field("campus"),
  title: field("Light", "量子"),
  speaker: field("P"),
  venue: field("H"),
  description: field("*Light*", "[a](https://example.org)"),
  posterUrl: field("https://example.org/a.png", null),
  cancelUntil: field("2030-01-01T00:00:00Z", null),
  capacity: field(0, 5, 0xffff_ffff),
  audience: field([], ["staff"]),
  published: field(true, false),
};
const strict = field(true, false);
const asked = {
  key: field("k", '"k 2"'),
  requestedAtMs: field(0, 1_700_000_000_000),
  waitMs: field(0, 20_000),
};
const LECTURE_KEYS = [
  "host",
  "title",
  "speaker",
  "venue",
  "opensAt",
  "startsAt",
  "endsAt",
  "capacity",
];
const ASKED_KEYS = [...Object.keys(asked), "change", "words"];
const amending = {
  headers: ["Idempotency-Key", "Prefer"],
  given: { "If-Match": mostly(fc.constantFrom('"1"', "*"), headerValue) },
};
const host = bodyOf({ name: text("Physics", "物理系") });
const command = fc.record(
  {
    kind: text("reserve", "cancel", "amend"),
    rid: text(RID),
    lectureId: text("7"),
    userId: text("s-1"),
    claimedAtMs: number,
    requestedAtMs: number,
    ifVersion: mostly<unknown>(fc.constantFrom(null, 1), number),
    strict: mostly<unknown>(fc.boolean(), hostileText),
    words: mostly<unknown>(fc.boolean(), hostileText),
    change: mostly<unknown>(
      fc.constantFrom({}, { capacity: 5 }, { audience: ["cs"] }, { cancelled: true }),
      fc.jsonValue({ maxDepth: 2 }),
    ),
  },
  { requiredKeys: ["kind", "rid", "lectureId", "userId"] },
);
const user = { user: userId };
const waitMs = mostly(
  fc.constantFrom("0", "1", "20000"),
  fc.constantFrom("", "-1", "1e9", "NaN", "0x10", "1.5", "20001"),
);

const limit = mostly(
  fc.constantFrom("1", "50", "200"),
  fc.constantFrom("", "0", "-1", "201", "1e2", "NaN"),
);
const place = mostly(fc.constantFrom(`1700000000000.${RID}`, `0.${RID}`), segment);
const CURSOR = writeCursor({ claimedAtMs: 1_700_000_000_000, rid: RID });

const list = {
  q: mostly(fc.constantFrom("light", "量子", "%_"), segment),
  state: mostly(fc.constantFrom("upcoming", "open", "closed", "cancelled"), segment),
  day: mostly(fc.constantFrom("2026-12-31", "9999-12-31", "2026-02-30"), segment),
  host: mostly(fc.constant("campus"), segment),
  category: mostly(fc.constant("science"), segment),
  after: mostly(fc.constantFrom(btoa("1700000000000.7"), btoa("999999999999999.1")), segment),
  limit: mostly(fc.constantFrom("1", "50", "100"), fc.constantFrom("", "0", "101", "1e2")),
};

const seats = {
  status: mostly(fc.constantFrom("confirmed", "rejected", "cancelled"), segment),
  student: mostly(fc.constantFrom("2023", "A1"), segment),
  after: mostly(fc.constant(RID), segment),
  limit,
};

const claim = fc.record({ rid: text(RID), userId: text("s-1"), claimedAtMs: number });

const students = fc.oneof(
  bodyOf({ studentNumbers: fc.array(text("20230001", "A123"), { maxLength: 5 }) }),
  bytesOf("学号\n20230001\n", "student_number\n1\n,\n", '"', ""),
);

/** Files of lectures: right ones, and such as spreadsheets and strangers make. */
const lectureFile = bytesOf(
  "host,title,speaker,venue,starts_at,ends_at,opens_at,capacity\ncampus,Light,P,H,2026-12-31 19:00,2026-12-31 21:00,2026-12-01 08:00,9\n",
  "id,host,title,speaker,venue,starts_at,ends_at,opens_at,capacity,published\n7,campus,Light,P,H,2026-12-31 19:00,2026-12-31 21:00,2026-12-01 08:00,9,yes\n",
  "主办方,标题\nx,y\n",
  "host,host,constructor,__proto__\n1,2,3,4\n",
  "\uFEFF",
);

/** A route's inputs beyond its path. */
const shapes: Record<string, Omit<Shape, "route">> = {
  "POST /api/auth/demo": { body: signIn },
  "GET /api/lectures": { query: list },
  "GET /lectures": { query: list },
  "POST /api/lectures/:id/reservations": {
    headers: ["Idempotency-Key", "Prefer", "Idempotency-Key"],
  },
  "GET /api/reservations/:id": { headers: ["Prefer", "Prefer"] },
  "DELETE /api/reservations/:id": { headers: ["Prefer", "Prefer"] },
  "GET /api/me/reservations": { query: { limit, cursor: mostly(fc.constant(CURSOR), segment) } },
  "GET /users/:user/reservations": { query: { limit, after: place, held: place } },
  "POST /commands": { body: bodyOf({ command, waitMs: number }) },
  "GET /reservations/:rid": { query: { ...user, waitMs } },
  "GET /api/reservations/:id/events": { headers: ["Last-Event-ID", "Accept"] },
  "GET /reservations/:rid/events": {
    query: { ...user, told: mostly(fc.constantFrom("confirmed", "pending"), segment) },
  },
  "POST /auth/demo": { body: signIn },
  "GET /api/admin/lectures": { query: list },
  "POST /api/admin/lectures": {
    headers: ["Idempotency-Key", "Prefer"],
    body: bodyOf(lecture, LECTURE_KEYS),
  },
  "PATCH /api/admin/lectures/:id": { ...amending, body: bodyOf({ ...lecture, strict }) },
  "DELETE /api/admin/lectures/:id": amending,
  "POST /api/admin/lectures/:id/publish": amending,
  "POST /api/admin/lectures/:id/close": amending,
  "POST /api/admin/lectures/:id/postpone": {
    ...amending,
    body: bodyOf(times, ["startsAt", "endsAt"]),
  },
  "POST /api/admin/lectures/:id/cancel": amending,
  "GET /api/admin/lectures/:id/amendments": { query: { limit, after: place } },
  "GET /api/admin/lectures/:id/reservations": {
    query: seats,
    given: { Accept: mostly(fc.constantFrom("text/csv", "*/*"), headerValue) },
  },
  "POST /api/admin/lectures/:id/reservations": {
    headers: ["Idempotency-Key", "Prefer", "Content-Type"],
    body: students,
  },
  "POST /api/admin/lectures/import": {
    headers: ["Idempotency-Key"],
    given: { "Idempotency-Key": mostly(fc.constant("k"), headerValue) },
    type: "text/csv",
    body: lectureFile,
    query: { dryRun: mostly(fc.constant("1"), segment) },
  },
  "GET /admin/lectures/:id/reservations": { query: { ...actor, ...seats } },
  "GET /admin/lectures/:id/reservations.csv": { query: { ...actor, ...seats } },
  "POST /admin/lectures/:id/students": { query: actor, body: students },
  "GET /admin/lecture-file": {
    query: { ...actor, language: mostly(fc.constantFrom("en", "zh"), segment) },
  },
  "POST /admin/lecture-file": {
    query: {
      ...actor,
      key: mostly(fc.constant("k"), segment),
      at: mostly(fc.constant("1"), segment),
    },
    type: "text/csv",
    body: lectureFile,
  },
  "POST /claims": {
    body: bodyOf({ lectureId: text("7"), claims: fc.array(claim, { maxLength: 3 }) }),
  },
  "POST /decisions": {
    body: bodyOf({
      lectureId: text("7"),
      rids: fc.array(text(RID), { maxLength: 3 }),
      waitMs: number,
    }),
  },
  "GET /api/admin/amendments/:id": { headers: ["Prefer"] },
  "GET /admin/lectures": { query: { ...actor, ...list } },
  "GET /admin/lectures/:id": { query: actor },
  "GET /admin/lectures/:id/amendments": { query: { ...actor, limit, after: place } },
  "GET /admin/amendments/:rid": { query: { ...actor, waitMs } },
  "POST /admin/lectures": {
    query: actor,
    body: bodyOf({ ...asked, change: field({ create: true }), words: field(WORDS) }, ASKED_KEYS),
  },
  "POST /admin/lectures/:id/amendments": {
    query: actor,
    body: bodyOf(
      {
        ...asked,
        change: field({}, { capacity: 5 }),
        words: field({ title: "Light" }),
        ifVersion: field(1, null),
        strict,
      },
      [...ASKED_KEYS, "ifVersion", "strict"],
    ),
  },
  "PUT /api/admin/hosts/:id": { body: host },
  "GET /admin/hosts": { query: actor },
  "GET /admin/hosts/:id": { query: actor },
  "POST /admin/hosts/:id": { query: actor, body: host },
};

/** Every route of edge and origin, from their apps. */
export async function allTargets(): Promise<Target[]> {
  const [edge, origin] = [await edgeInMemory(), originInMemory()];
  const targetsOf = (
    service: Target["service"],
    app: typeof edge | typeof origin,
    check: typeof checkEdgeAnswer,
  ) =>
    routesOf(app.routes).map((route) => ({
      service,
      route,
      inputs: inputsOf({ route, ...shapes[route] }),
      send: app.send,
      check: (method: string, answer: Response) => check(route, method, answer),
    }));
  return [
    ...targetsOf("edge", edge, checkEdgeAnswer),
    ...targetsOf("origin", origin, checkOriginAnswer),
  ];
}

/** The routes of an app, without middleware, each once. */
export function routesOf(routes: { method: string; path: string }[]): string[] {
  const named = routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path}`);
  return [...new Set(named)];
}
