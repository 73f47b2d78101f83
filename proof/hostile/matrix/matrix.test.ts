import { afterAll, expect, test } from "bun:test";
import { Keyring } from "../../../contract/keyring.ts";
import { issueSession } from "../../../origin/session-token.ts";
import { type Runtime, runtimes, serveEdge } from "../../../test/edge-runtimes.ts";
import { randomLectureId } from "../../../test/servers.ts";
import { runningSystem } from "../../../test/system.ts";
import { exchange, type RawAnswer } from "../raw-socket.ts";
import { requestText, signatureOf, signed } from "../requests.ts";
import { type Expected, edgeRoutes, originRoutes } from "../routes.ts";
import {
  allMethods,
  expectedOfEdge,
  expectedOfOrigin,
  pathsOf,
  type Role,
  roles,
  seenThrough,
} from "./declared.ts";

const { originUrl, env } = runningSystem();
const open: { close(): Promise<unknown> }[] = [];
afterAll(async () => {
  for (const edge of open) await edge.close();
});

const MISLEADING_HOSTS = [
  "a/api/me?x=",
  "a/api/me#",
  "a\\api\\me?",
  "a@b/api/me?",
  "x?y",
  "/api/me?",
];

/** A path with ids of objects that do not exist. */
function fill(path: string): string {
  const id = randomLectureId();
  const rid = `${id}-${"0".repeat(32)}`;
  return path
    .replace("/admin/amendments/:id", `/admin/amendments/${rid}`)
    .replace("/reservations/:id", `/reservations/${rid}`)
    .replace(":rid", rid)
    .replace(":user", "s-nobody")
    .replace(":id", id);
}

async function tokenOf(role: Exclude<Role, "none">): Promise<string> {
  const keys = Keyring.parse(env["SESSION_KEYS"]);
  const userId = `u-${crypto.randomUUID()}`;
  return (await issueSession(keys, { userId, role, minutes: 5, nowMs: Date.now() })).token;
}

/** Sends one request on its own connection, with no other HTTP feature. */
function ask(url: string, method: string, path: string, lines: string[]): Promise<RawAnswer> {
  const head = ["Host: lectern", "Connection: close", ...lines];
  return exchange(url, requestText(`${method} ${path}`, head));
}

function answerOf(method: string, { status, body }: RawAnswer): Expected {
  if (status < 400 || method === "HEAD") return [status];
  const code = /"code":"([a-z_]+)"/.exec(body)?.[1];
  return code ? [status, code] : [status];
}

test.each<Runtime>([...runtimes])(
  "on %s every role gets what is declared from every route by every method",
  async (runtime) => {
    const edge = await serveEdge(runtime, { ...env, ORIGIN_URL: originUrl });
    open.push(edge);
    const found: Record<string, Expected> = {};
    const declared: Record<string, Expected> = {};
    for (const role of roles) {
      for (const path of pathsOf(edgeRoutes)) {
        const lines = role === "none" ? [] : [`Authorization: Bearer ${await tokenOf(role)}`];
        for (const method of allMethods) {
          const cell = `${role} ${method} ${path}`;
          declared[cell] = seenThrough(runtime, method, expectedOfEdge(path, method, role));
          found[cell] = answerOf(method, await ask(edge.url, method, fill(path), lines));
        }
      }
    }
    expect(found).toEqual(declared);
    expect(Object.keys(found).length).toBe(
      roles.length * pathsOf(edgeRoutes).length * allMethods.length,
    );
  },
);

test("the origin answers the edge what is declared, by every method, and everybody else nothing but health and metrics", async () => {
  const keys = Keyring.parse(env["EDGE_KEYS"]);
  const found: Record<string, Expected> = {};
  const declared: Record<string, Expected> = {};
  for (const isSigned of [false, true]) {
    for (const pattern of pathsOf(originRoutes)) {
      for (const method of allMethods) {
        const path = fill(pattern) + (pattern.includes(":rid") ? "?user=s-1" : "");
        const lines = isSigned ? [signed(signatureOf(keys, { method, path }))] : [];
        const cell = `${isSigned ? "signed" : "unsigned"} ${method} ${pattern}`;
        declared[cell] = seenThrough("bun", method, expectedOfOrigin(pattern, method, isSigned));
        found[cell] = answerOf(method, await ask(originUrl, method, path, lines));
      }
    }
  }
  expect(found).toEqual(declared);
});

test.each<Runtime>([...runtimes])(
  "on %s the Host header names no other address than the request line",
  async (runtime) => {
    const edge = await serveEdge(runtime, { ...env, ORIGIN_URL: originUrl });
    open.push(edge);
    const token = `Authorization: Bearer ${await tokenOf("student")}`;
    for (const host of MISLEADING_HOSTS) {
      const bytes = requestText("GET /nowhere", [`Host: ${host}`, token]);
      const { status } = await exchange(edge.url, bytes);
      expect([400, 404, 422]).toContain(status);
    }
  },
);
