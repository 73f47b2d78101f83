import { expect, test } from "bun:test";
import { loadOpenLecture, randomUserId, tokenFor } from "../test/edge-alone.ts";
import { onEachRuntime } from "../test/edge-on-runtimes.ts";
import { eventually } from "../test/servers.ts";
import { answerCommand } from "../test/stub-origin.ts";

onEachRuntime(({ alone, url, send }) => {
  test("a reservation passes Redis and the origin; the same key gives the same id", async () => {
    const lectureId = await loadOpenLecture(alone.redis);
    const userId = randomUserId();
    alone.origin.answer(answerCommand());
    const headers = { "Idempotency-Key": "once" };
    const path = `/api/lectures/${lectureId}/reservations`;
    const first = await send("POST", path, userId, { headers });
    expect(first.status).toBe(202);
    const body = await first.json();
    expect(body).toEqual({ id: expect.any(String), lectureId, status: "pending" });
    alone.origin.answer(() => Response.json(body));
    const second = await send("POST", path, userId, { headers });
    expect(await second.json()).toEqual(body);
    const availability = await fetch(`${url()}/api/lectures/${lectureId}/availability`);
    expect(await availability.json()).toMatchObject({ state: "open", remaining: 9 });
  });

  test("fifty students at once each get their own answer", async () => {
    const lectureId = await loadOpenLecture(alone.redis, { capacity: 20 });
    alone.origin.answer(answerCommand({ status: "confirmed" }));
    const path = `/api/lectures/${lectureId}/reservations`;
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => send("POST", path, randomUserId())),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(20).fill(201), ...Array(30).fill(409)]);
  });

  test("most of a rush is answered from memory, however the press is sent", async () => {
    const lectureId = await loadOpenLecture(alone.redis, { capacity: 0 });
    const path = `/api/lectures/${lectureId}/reservations`;
    const json = { "Content-Type": "application/json" };
    // A client without a body says Content-Length: 0, which Workers and Deno show as a body.
    expect((await send("POST", path, randomUserId())).status).toBe(409);
    const before = alone.wire.requests.length;
    expect((await send("POST", path, randomUserId())).status).toBe(409);
    expect((await send("POST", `${path}?again`, randomUserId())).status).toBe(409);
    expect((await send("POST", path, randomUserId(), { body: "{}", headers: json })).status).toBe(
      409,
    );
    expect(alone.wire.requests.length).toBe(before);
  });

  test("an answer from memory is renewed although nobody claims", async () => {
    const lectureId = await loadOpenLecture(alone.redis, { capacity: 0 });
    const path = `/api/lectures/${lectureId}/reservations`;
    const from = alone.wire.requests.length;
    await eventually("Redis is asked twice in a row who is refused", async () => {
      expect((await send("POST", path, randomUserId())).status).toBe(409);
      const heard = alone.wire.requests
        .slice(from)
        .filter(({ body }) => body.includes(`{${lectureId}}`));
      return heard.some((_, at) => heard[at]?.path === "/" && heard[at + 1]?.path === "/");
    });
  });

  test("over HTTP and behind TLS our page books by cookie, and a sibling's does not", async () => {
    const path = `/api/lectures/${await loadOpenLecture(alone.redis)}/reservations`;
    alone.origin.answer(answerCommand());
    const { host } = new URL(url());
    for (const [proto, name] of [
      ["http", "lectern_session"],
      ["https", "__Host-lectern_session"],
    ] as const) {
      const Cookie = `${name}=${await tokenFor(randomUserId(), alone.env.SESSION_KEYS)}`;
      const press = (Origin: string) =>
        fetch(url() + path, {
          method: "POST",
          headers: { Cookie, Origin, "X-Forwarded-Proto": proto },
        });
      expect((await press(`${proto}://news.${host}`)).status).toBe(403);
      const own = await press(`${proto}://${host}`);
      expect([own.status, own.headers.has("strict-transport-security")]).toEqual([
        202,
        proto === "https",
      ]);
    }
  });

  test("a stranger is 401 without a Redis request", async () => {
    const before = alone.wire.requests.length;
    const response = await fetch(`${url()}/api/lectures/1/reservations`, { method: "POST" });
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(alone.wire.requests.length).toBe(before);
  });
});
