import { afterAll, expect, test } from "bun:test";
import { startEdgeAlone, tokenFor } from "../test/edge-alone.ts";

const edge = startEdgeAlone({ CLIENT_PROTO_HEADER: "X-Forwarded-Proto" });
afterAll(() => edge.close());

const mine = await tokenFor("s-ME", edge.env.SESSION_KEYS);
const theirs = await tokenFor("s-mallory", edge.env.SESSION_KEYS);

/**
 * The user that the edge reads from these cookies, or the status. MINE and THEIRS stand for tokens.
 */
async function whoSends(cookies: string, proto: string): Promise<string | number> {
  const Cookie = cookies.replaceAll("MINE", mine).replaceAll("THEIRS", theirs);
  const headers = { Cookie, "X-Forwarded-Proto": proto };
  const response = await edge.fetch("/api/me", { headers });
  return response.status === 200 ? ((await response.json()) as { id: string }).id : response.status;
}

test.each([
  ["__Host-lectern_session=MINE", "s-ME"],
  ["a=b;__Host-lectern_session=MINE ; c", "s-ME"],
  ["lectern_session=THEIRS", 401],
  ["lectern_session=THEIRS; __Host-lectern_session=MINE", 401],
  ["__Host-lectern_session=MINE; lectern_session=THEIRS", 401],
  ["__Host-lectern_session=MINE; lectern_session=", 401],
  ["__Host-lectern_session=MINE; __Host-lectern_session=THEIRS", 401],
  ["__Host-lectern_session=MINE; __Host-lectern_session=MINE", 401],
  ["__host-lectern_session=MINE", 401],
  ["__Secure-lectern_session=MINE", 401],
  ["=__Host-lectern_session=MINE", 401],
  ['__Host-lectern_session="MINE"', 401],
])("over HTTPS the cookies %p are %p", async (cookies, who) => {
  expect(await whoSends(cookies, "https")).toBe(who);
});

test.each([
  ["lectern_session=MINE", "s-ME"],
  ["__Host-lectern_session=THEIRS", 401],
  ["lectern_session=MINE; lectern_session=THEIRS", 401],
  ["lectern_session=; lectern_session=THEIRS", 401],
  ["lectern_session=MINE; __Host-lectern_session=THEIRS", "s-ME"],
])("over plain HTTP the cookies %p are %p", async (cookies, who) => {
  expect(await whoSends(cookies, "http")).toBe(who);
});

test("a cookie that was believed over one scheme is not believed over the other", async () => {
  expect(await whoSends("lectern_session=MINE", "http")).toBe("s-ME");
  expect(await whoSends("lectern_session=MINE", "https")).toBe(401);
});

test("answers and refusals send HSTS over HTTPS, and never over HTTP", async () => {
  edge.origin.answer(() => Response.json({ lectures: [] }));
  for (const path of ["/api/lectures", "/api/me", "/nothing"]) {
    const told = async (proto: string) =>
      (await edge.fetch(path, { headers: { "X-Forwarded-Proto": proto } })).headers.get(
        "strict-transport-security",
      );
    expect([await told("https"), await told("http"), await told("https")]).toEqual([
      "max-age=15552000",
      null,
      "max-age=15552000",
    ]);
  }
});
