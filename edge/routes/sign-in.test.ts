import { afterAll, beforeEach, expect, setSystemTime, test } from "bun:test";
import { startEdgeAlone, tokenFor } from "../../test/edge-alone.ts";
import { refuse } from "../../test/stub-origin.ts";

const edge = startEdgeAlone();
afterAll(() => edge.close());
beforeEach(() => {
  edge.origin.heard.length = 0;
});

function signIn(base = ""): Promise<Response> {
  const headers = { "Content-Type": "application/json; charset=utf-8" };
  return Promise.resolve(
    edge.fetch(`${base}/api/auth/demo`, {
      method: "POST",
      headers,
      body: '{"studentNumber":"20260001"}',
    }),
  );
}

test("signing in gives the token, and a cookie that only this site's requests carry", async () => {
  const token = await tokenFor("s-20260001", edge.env.SESSION_KEYS);
  const expiresAt = new Date(Date.now() + 600_000).toISOString();
  edge.origin.answer(() => Response.json({ token, expiresAt }));
  const response = await signIn();
  expect(await response.json()).toEqual({ token, expiresAt });
  expect(response.headers.get("cache-control")).toBe("no-store");
  const cookie = response.headers.get("set-cookie") ?? "";
  expect(cookie).toMatch(
    /^lectern_session=[^;]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  expect(edge.origin.heard.map(({ path, body }) => [path, body])).toEqual([
    ["/auth/demo", { studentNumber: "20260001" }],
  ]);
  const me = await edge.fetch("/api/me", { headers: { Cookie: cookie.split(";")[0] ?? "" } });
  expect(await me.json()).toEqual({ id: "s-20260001", role: "student" });
});

test("demo sign-in is 404 where it is off, and 503 while the origin is away", async () => {
  edge.origin.answer(() => refuse("route_not_found", 404));
  expect((await signIn()).status).toBe(404);
  edge.origin.answer(() => new Response(null, { status: 500 }));
  const away = await signIn();
  expect([away.status, away.headers.get("set-cookie")]).toEqual([503, null]);
});

test("over HTTPS no sibling domain can set the cookie, and a plain one is cleared", async () => {
  const token = await tokenFor("s-20260001", edge.env.SESSION_KEYS);
  edge.origin.answer(() => Response.json({ token, expiresAt: new Date().toISOString() }));
  const response = await signIn("https://edge.test");
  expect(response.headers.getSetCookie()).toEqual([
    `__Host-lectern_session=${token}; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Strict`,
    "lectern_session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict",
  ]);
  const Cookie = `__Host-lectern_session=${token}`;
  expect((await edge.fetch("https://edge.test/api/me", { headers: { Cookie } })).status).toBe(200);
  const out = { method: "POST", headers: { Cookie, Origin: "https://edge.test" } };
  const signedOut = await edge.fetch("https://edge.test/api/auth/sign-out", out);
  expect(signedOut.headers.getSetCookie()).toEqual([
    "__Host-lectern_session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict",
    "lectern_session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict",
  ]);
});

test.each([-900_000, 900_000])(
  "a cookie lasts as long as its token, also where the edge's clock is %d ms off",
  async (byMs) => {
    const token = await tokenFor("s-20260001", edge.env.SESSION_KEYS);
    const expiresAt = new Date(Date.now() + 600_000).toISOString();
    edge.origin.answer(() => Response.json({ token, expiresAt }));
    setSystemTime(new Date(Date.now() + byMs));
    const response = await signIn();
    setSystemTime();
    expect(response.headers.get("set-cookie")).toContain("; Max-Age=600;");
  },
);

test("signing out clears the cookie, with or without a session", async () => {
  const response = await edge.fetch("/api/auth/sign-out", { method: "POST" });
  expect(response.status).toBe(204);
  expect(response.headers.get("set-cookie")).toMatch(
    /^lectern_session=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict$/,
  );
});
