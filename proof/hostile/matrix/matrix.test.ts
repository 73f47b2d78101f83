import { afterAll, expect, test } from "bun:test";
import { Keyring } from "../../../contract/keyring.ts";
import { SIGNATURE_HEADER, sign } from "../../../contract/signature.ts";
import { issueSession } from "../../../origin/session-token.ts";
import { type Runtime, runtimes, serveEdge } from "../../../test/edge-runtimes.ts";
import { randomLectureId } from "../../../test/servers.ts";
import { runningSystem } from "../../../test/system.ts";
import { edgeInMemory } from "../fuzz/edge-in-memory.ts";
import { originInMemory } from "../fuzz/origin-in-memory.ts";
import { routesOf } from "../fuzz/targets.ts";
import { exchange, type RawAnswer } from "../raw-socket.ts";
import {
  type Expected,
  edgeRoutes,
  expectedOfEdge,
  expectedOfOrigin,
  methods,
  originRoutes,
  pathsOf,
  type Role,
  refusedByServer,
  roles,
} from "./declared.ts";

const { originUrl, env } = runningSystem();
const open: { close(): Promise<unknown> }[] = [];
afterAll(async () => {
  for (const edge of open) await edge.close();
});

test("every route of edge and origin is declared, and no other", async () => {
  expect(routesOf((await edgeInMemory()).routes).sort()).toEqual(Object.keys(edgeRoutes).sort());
  expect(routesOf(originInMemory().routes).sort()).toEqual(Object.keys(originRoutes).sort());
});

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
  const head = [`${method} ${path} HTTP/1.1`, "Host: lectern", "Connection: close", ...lines];
  return exchange(url, `${head.join("\r\n")}\r\n\r\n`, 5_000);
}

function answerOf(method: string, { status, body }: RawAnswer): Expected {
  if (status < 400 || method === "HEAD") return [status];
  const code = /"code":"([a-z_]+)"/.exec(body)?.[1];
  return code ? [status, code] : [status];
}

/** Answers to HEAD have no body and so no code. */
function seen(method: string, [status, code]: Expected): Expected {
  return method === "HEAD" || code === undefined ? [status] : [status, code];
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
        for (const method of methods) {
          const cell = `${role} ${method} ${path}`;
          const byServer = refusedByServer[runtime]?.[method];
          declared[cell] =
            byServer === undefined ? seen(method, expectedOfEdge(path, method, role)) : [byServer];
          found[cell] = answerOf(method, await ask(edge.url, method, fill(path), lines));
        }
      }
    }
    expect(found).toEqual(declared);
    expect(Object.keys(found).length).toBe(
      roles.length * pathsOf(edgeRoutes).length * methods.length,
    );
  },
  60_000,
);

test("the origin answers the edge what is declared, by every method, and everybody else nothing but health and metrics", async () => {
  const keys = Keyring.parse(env["EDGE_KEYS"]);
  const found: Record<string, Expected> = {};
  const declared: Record<string, Expected> = {};
  for (const isSigned of [false, true]) {
    for (const pattern of pathsOf(originRoutes)) {
      for (const method of methods) {
        const path =
          pattern.endsWith("events") || pattern.includes(":rid")
            ? `${fill(pattern)}?user=s-1`
            : fill(pattern);
        const signature = sign(keys, { method, path, body: new Uint8Array() }, Date.now());
        const lines = isSigned ? [`${SIGNATURE_HEADER}: ${signature}`] : [];
        const cell = `${isSigned ? "signed" : "unsigned"} ${method} ${pattern}`;
        const byServer = refusedByServer["bun"]?.[method];
        declared[cell] =
          byServer === undefined
            ? seen(method, expectedOfOrigin(pattern, method, isSigned))
            : [byServer];
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
    for (const host of [
      "a/api/me?x=",
      "a/api/me#",
      "a\\api\\me?",
      "a@b/api/me?",
      "x?y",
      "/api/me?",
    ]) {
      const bytes = `GET /nowhere HTTP/1.1\r\nHost: ${host}\r\n${token}\r\n\r\n`;
      const { status } = await exchange(edge.url, bytes);
      expect([400, 404, 422]).toContain(status);
    }
  },
  60_000,
);
