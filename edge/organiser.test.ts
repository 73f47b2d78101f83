import { afterAll, beforeEach, expect, test } from "bun:test";
import { Keyring } from "../contract/keyring.ts";
import type { Role } from "../contract/session.ts";
import { issueSession } from "../origin/session-token.ts";
import { randomUserId, startEdgeAlone } from "../test/edge-alone.ts";
import { refuse } from "../test/stub-origin.ts";

const edge = startEdgeAlone();
afterAll(() => edge.close());
beforeEach(() => {
  edge.origin.heard.length = 0;
});

async function enter(role: Role, hosts: string[] = []) {
  const userId = randomUserId();
  const keys = Keyring.parse(edge.env.SESSION_KEYS);
  const session = { userId, role, hosts, minutes: 5, nowMs: Date.now() };
  const { token } = await issueSession(keys, session);
  const send = (method: string, path: string, body?: unknown, headers = {}) =>
    edge.fetch(path, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        "Content-Type": "application/json",
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return { userId, token, send };
}

const HOST = { id: "physics", name: "Physics" };

test("the origin learns who asks from the session, in the signed address", async () => {
  edge.origin.answer(() => Response.json({ hosts: [HOST] }));
  const { userId, send } = await enter("organiser", ["physics", "art"]);
  expect(await (await send("GET", "/api/admin/hosts?by=s-other&role=admin")).json()).toEqual({
    hosts: [HOST],
  });
  edge.origin.answer(() => Response.json(HOST));
  const admin = await enter("admin");
  await admin.send("PUT", "/api/admin/hosts/physics", { name: " Physics " });
  expect(edge.origin.heard.map(({ method, path, body }) => [method, path, body])).toEqual([
    ["GET", `/admin/hosts?by=${userId}&role=organiser&hosts=physics,art`, undefined],
    ["POST", `/admin/hosts/physics?by=${admin.userId}&role=admin&hosts=`, { name: "Physics" }],
  ]);
});

test("a student, or an organiser in an admin's place, is refused by the edge alone", async () => {
  const before = edge.wire.requests.length;
  const student = await enter("student", ["physics"]);
  const organiser = await enter("organiser", ["physics"]);
  for (const answer of [
    await student.send("GET", "/api/admin/hosts"),
    await student.send("GET", "/api/admin/hosts/physics"),
    await student.send("PUT", "/api/admin/hosts/physics", { name: "x" }),
    await organiser.send("PUT", "/api/admin/hosts/physics", { name: "x" }),
  ])
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      403,
      "forbidden",
    ]);
  expect(edge.wire.requests.length).toBe(before);
  expect(edge.origin.heard).toEqual([]);
});

test("a write by cookie needs a page of the edge's own origin", async () => {
  edge.origin.answer(() => Response.json(HOST));
  const { token } = await enter("admin");
  const write = async (headers: Record<string, string>) =>
    (
      await edge.fetch("/api/admin/hosts/physics", {
        method: "PUT",
        headers: {
          Cookie: `lectern_session=${token}`,
          "Content-Type": "application/json",
          ...headers,
        },
        body: '{"name":"Physics"}',
      })
    ).status;
  expect(await write({ Origin: "http://elsewhere" })).toBe(403);
  expect(await write({})).toBe(403);
  expect(await write({ Origin: "http://edge" })).toBe(200);
});

test("a refusal of the origin keeps its code, in the reader's language", async () => {
  edge.origin.answer(() => refuse("host_not_found", 404));
  const { send } = await enter("organiser");
  const answer = await send("GET", "/api/admin/hosts/none", undefined, { "Accept-Language": "zh" });
  expect(await answer.json()).toMatchObject({ status: 404, title: "没有该主办方。" });
});

test("an organiser's writes take tokens of the user's bucket", async () => {
  edge.origin.answer(() => Response.json(HOST));
  const { send } = await enter("admin");
  const statuses = new Set<number>();
  for (let i = 0; i < 30; i += 1)
    statuses.add((await send("PUT", "/api/admin/hosts/physics", { name: "x" })).status);
  expect([...statuses].sort()).toEqual([200, 429]);
});

test("an organiser sees the hosts of the session, as who they are", async () => {
  const { userId, send } = await enter("organiser", ["physics"]);
  expect(await (await send("GET", "/api/me")).json()).toEqual({
    id: userId,
    role: "organiser",
    hosts: ["physics"],
  });
});
