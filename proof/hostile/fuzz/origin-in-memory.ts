import { createHmac, randomUUID } from "node:crypto";
import pino from "pino";
import { Keyring } from "../../../contract/keyring.ts";
import { SIGNATURE_HEADER } from "../../../contract/signature.ts";
import type { Database } from "../../../database/pool.ts";
import { createApp } from "../../../origin/app.ts";
import type { OriginDeps } from "../../../origin/deps.ts";
import { createGate } from "../../../origin/gate.ts";
import { newKeyring } from "../../../stack/secrets.ts";
import { uncachedLectures } from "../../../test/rooms/uncached-lectures.ts";
import { LECTURE, RID } from "./example.ts";
import { type Input, requestOf } from "./input.ts";

/**
 * The origin's whole app, signatures included, with answers from memory in place of its servers.
 */
export function originInMemory() {
  const edgeKeys = Keyring.parse(newKeyring(1));
  let world = 0;
  let fault: string | undefined;
  const judge = (line: string) => {
    if (!line.includes(AWAY)) fault = line;
  };
  const app = createApp(
    depsOf(edgeKeys, () => world, judge),
    async () => ({ ready: world % 2 === 0, away: [] }),
    async () => new Response("# HELP lectern_x X.\n"),
  );
  return {
    routes: app.routes,
    /**
     * Rejects if the origin reports a server as away that is not: it answers its own faults as
     * `unavailable` too.
     */
    async send(input: Input): Promise<Response> {
      world = input.world;
      fault = undefined;
      const request = requestOf("origin", input);
      if (input.identity > 0)
        request.headers.set(SIGNATURE_HEADER, signatureOf(edgeKeys, request, input.body));
      const answer = await app.fetch(request);
      if (fault) throw new Error(fault);
      return answer;
    },
  };
}

/** The edge's signature, written a second time: the origin must accept the documented form. */
function signatureOf(keys: Keyring, request: Request, body: Uint8Array | undefined): string {
  const { pathname, search } = new URL(request.url);
  const [{ id, secret }] = keys;
  const [nowMs, nonce] = [Date.now(), randomUUID()];
  const statement = `${request.method}\n${pathname}${search}\n${nowMs}\n${nonce}\n`;
  const mac = createHmac("sha256", secret)
    .update(statement)
    .update(body ?? "");
  return `${id}.${nowMs}.${nonce}.${mac.digest("hex")}`;
}

const AWAY = "is away";
const OUTCOMES = ["queued", "unroutable", "full", "unavailable", "unknown"] as const;
const WAITS = ["gone", "timeout", "full"] as const;

function depsOf(
  edgeKeys: Keyring,
  worldNow: () => number,
  judge: (line: string) => void,
): OriginDeps {
  const database = {
    withConnection: async (work: (connection: unknown) => Promise<unknown>) => {
      if (worldNow() % 40 === 0) throw new Error(`MySQL ${AWAY}`);
      return await work({
        query: async () => [{ insertId: 8 }],
        execute: async (statement: string | { sql: string }) => [
          resultOf(typeof statement === "string" ? statement : statement.sql, worldNow()),
        ],
      });
    },
    close: async () => {},
  };
  const fakes = {
    database,
    catalogue: database,
    people: database,
    findPendingNode: async () => {
      const world = worldNow();
      if (world % 40 === 1) throw new Error(`ZooKeeper ${AWAY}`);
      return world % 4 === 1 ? COMMAND : undefined;
    },
    findPendingAmendment: async () => {
      if (worldNow() % 40 === 3) throw new Error(`ZooKeeper ${AWAY}`);
      return worldNow() % 4 === 1 ? COMMAND : undefined;
    },
    createPendingNode: async () => {
      if (worldNow() % 40 === 2) throw new Error(`ZooKeeper ${AWAY}`);
      return "created";
    },
    lateNodes: { add: () => {} },
    watches: { untilGone: async () => WAITS[worldNow() % WAITS.length], close: () => {} },
    publisher: {
      publish: async () => OUTCOMES[worldNow() % OUTCOMES.length],
      ready: () => true,
      isClosed: () => worldNow() % 3 === 0,
    },
  };
  const log = pino({ level: "error" }, { write: judge });
  // Only the calls of the routes exist; any other call is a fault.
  return {
    ...(fakes as unknown as OriginDeps),
    ...uncachedLectures(database as unknown as Database, log),
    gates: { commands: createGate(GATE), reads: createGate(GATE) },
    log,
    edgeKeys,
    sessionKeys: Keyring.parse(newKeyring(1)),
    sessionMinutes: 10,
    demoLogin: true,
    studentNumberCase: "upper",
    get overlaps() {
      return worldNow() % 3 === 0 ? "tell" : "refuse";
    },
    timeZone: "Asia/Shanghai",
    maxStreams: 1,
    now: Date.now,
    stopping: AbortSignal.abort(),
  };
}

const COMMAND = { kind: "reserve", rid: RID, lectureId: "7", userId: "s-1", claimedAtMs: 1 };
const GATE = { places: 100, burst: 100 };
const AT = new Date(0);
const LATER = new Date(AT.getTime() + 3_600_000);
const TIMES = {
  startsAt: LATER,
  endsAt: new Date(LATER.getTime() + 1),
  opensAt: AT,
  closesAt: LATER,
};
const ROW = {
  ...LECTURE,
  ...TIMES,
  hostId: "campus",
  hostName: "Campus",
  description: "",
  createdBy: "s-1",
  createdAt: AT,
  updatedAt: AT,
  cancelUntil: null,
  audience: "[]",
  published: 1,
  cancelled: 0,
};
const AMENDMENT = {
  rid: RID,
  outcome: "applied",
  reason: null,
  version: 1,
  beforeTerms: null,
  afterTerms: null,
  byUser: "s-1",
  requestedAt: AT,
  decidedAt: AT,
};
export const WORDS = {
  host: "campus",
  title: "Light",
  speaker: "P",
  bio: "",
  category: "",
  venue: "H",
  posterUrl: null,
  description: "",
};
const REFUSED = { outcome: "refused", reason: "version_conflict" };
/** As written at a sign-in, and as nobody has written them. */
const GROUPS = ['["staff"]', "[]", null, "{"];
const STATUSES = ["confirmed", "rejected", "cancelled"];

/** The outcome of a statement that writes, or the rows of one that reads. */
function resultOf(sql: string, world: number): unknown {
  return /^\s*(?:INSERT|UPDATE)/.test(sql) ? { affectedRows: 1 } : rowsOf(sql, world);
}

/** What was asked for under the key before: a lecture to make, or another change. */
const changeIn = (world: number) => (world % 3 === 0 ? "{}" : '{"create":true}');
const audienceIn = (world: number) => (world % 7 === 0 ? '["staff"]' : "[]");
const wordsIn = (world: number) => JSON.stringify(world % 3 === 0 ? { title: "Light" } : WORDS);

function rowsOf(sql: string, world: number): unknown[] {
  if (world % 5 === 0) return [];
  if (sql.includes("FROM host")) return [{ id: "campus", name: "Campus" }];
  if (sql.includes("FROM amendment"))
    return [
      { ...AMENDMENT, changeAsked: changeIn(world), ...(world % 2 === 0 ? REFUSED : undefined) },
    ];
  if (sql.includes("FROM person")) return [{ id: "s-1", groups: GROUPS[world % GROUPS.length] }];
  if (sql.includes("FROM words")) return [{ rid: RID, words: wordsIn(world) }];
  if (sql.includes("FROM stock"))
    return [{ ...ROW, seats: 2, remaining: 1, version: 1 + (world % 2) }];
  if (!sql.includes("reservation")) return [{ ...ROW, audience: audienceIn(world) }];
  if (sql.includes("AS ownId")) return [{ ownId: 7, lectureId: 8, ...TIMES }];
  const status = STATUSES[world % STATUSES.length];
  return [
    {
      ...ROW,
      lectureId: 7,
      rid: RID,
      userId: "s-1",
      status,
      reason: null,
      decidedAt: AT,
      claimedAt: AT,
    },
  ];
}
