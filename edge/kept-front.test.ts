import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { type Availability, LectureInList } from "../contract/lecture.ts";
import { redisNames } from "../contract/names.ts";
import { HOLDS_HEADER } from "../contract/origin-api.ts";
import { ROOMY_BUCKETS } from "../proof/kit/roomy-buckets.ts";
import { loadOpenLecture, randomUserId, startEdgeAlone, tokenFor } from "../test/edge-alone.ts";
import { runtimes, type ServedEdge, serveEdge } from "../test/edge-runtimes.ts";
import { reloadTenThousand } from "../test/reload.ts";
import { eventually, randomLectureId } from "../test/servers.ts";
import { lectureIn, shownLecture } from "../test/shown-lecture.ts";
import { answerCommand, refuse } from "../test/stub-origin.ts";

const alone = startEdgeAlone();
const METRICS_TOKEN = "m".repeat(40);
afterAll(() => alone.close());

/**
 * A lecture or a list as the origin answers it, with texts worth compressing. `holdsMs`: how long
 * it may be held.
 */
function answerLecture(version: number, holdsMs?: number) {
  const text = "从光到量子 From light to quanta. ".repeat(99);
  return ({ path, headers }: { path: string; headers: Headers }) => {
    const ETag = `"v${version}"`;
    const own = holdsMs === undefined ? { ETag } : { ETag, [HOLDS_HEADER]: String(holdsMs) };
    if (headers.get("if-none-match") === ETag)
      return new Response(null, { status: 304, headers: own });
    const body = path.startsWith("/lectures?")
      ? { lectures: [LectureInList.parse(shownLecture({ version, title: text }))] }
      : shownLecture({ id: lectureIn(path), version, descriptionHtml: text });
    return Response.json(body, { headers: own });
  };
}

describe.each(runtimes)("on %s", (runtime) => {
  let edge: ServedEdge;
  beforeAll(async () => {
    edge = await serveEdge(runtime, { ...alone.env, METRICS_TOKEN, REDIS_TIMEOUT_MS: "600" });
  });
  afterAll(() => edge.close());

  const read = (path: string, headers: Record<string, string> = {}, method = "GET", at = edge) =>
    fetch(`${at.url}/api${path}`, { method, headers, decompress: false });

  async function versionOf(path: string): Promise<unknown> {
    const { status, ok, body } = await read(path).then(async (answer) => ({
      status: answer.status,
      ok: answer.ok,
      body: (await answer.json()) as Record<string, unknown>,
    }));
    return ok ? body["version"] : status;
  }

  test("10,000 reloads of list, lecture, availability: two questions a second each", async () => {
    // A busy machine may need longer for a trip than this file's edge waits.
    const patient = await serveEdge(runtime, alone.env);
    const lectureId = await loadOpenLecture(alone.redis);
    alone.origin.answer(answerLecture(1));
    const paths = [
      `/lectures?q=${lectureId}`,
      `/lectures/${lectureId}`,
      `/lectures/${lectureId}/availability`,
    ];
    const [heard, wired] = [alone.origin.heard.length, alone.wire.requests.length];
    const startedMs = performance.now();
    let sent = 0;
    const statuses = new Set<number>();
    async function reload(): Promise<void> {
      while (sent < 10_000) {
        const path = paths[sent++ % 3] as string;
        const answer = await read(path, { "Accept-Encoding": "gzip" }, "GET", patient);
        await answer.arrayBuffer();
        statuses.add(answer.status);
      }
    }
    await Promise.all(Array.from({ length: 48 }, reload));
    const halves = Math.ceil((performance.now() - startedMs) / 500) + 1;
    expect([...statuses]).toEqual([200]);
    expect(alone.wire.requests.length - wired).toBeLessThanOrEqual(halves);
    for (const path of paths.slice(0, 2)) {
      const asked = alone.origin.heard.slice(heard).filter((one) => one.path === path);
      expect(asked.length).toBeWithin(1, halves + 1);
      // A list that did not change does not travel again.
      for (const { headers } of asked.slice(1)) expect(headers.get("if-none-match")).toBe('"v1"');
    }
    await patient.close();
  });

  test("10,000 reloads of held lectures ask the origin nothing; a change shows soon", async () => {
    const patient = await serveEdge(runtime, { ...alone.env, ...ROOMY_BUCKETS });
    const lectureId = await loadOpenLecture(alone.redis);
    alone.origin.answer(answerLecture(1, 60_000));
    await alone.redis.set(redisNames.generation, crypto.randomUUID());
    const list = `/lectures?q=${lectureId}`;
    const paths = [list, `/lectures/${lectureId}`, `/lectures/${lectureId}/availability`];
    const { origin, wire } = alone;
    const { asked, trips, halves } = await reloadTenThousand(patient.url, paths, {
      asked: () => origin.heard.length,
      trips: () => wire.requests.length,
    });
    expect(asked).toBe(0);
    expect(trips).toBeLessThanOrEqual(halves);

    const listed = async () => {
      const answer = await read(list, {}, "GET", patient);
      return ((await answer.json()) as { lectures: { version: number }[] }).lectures[0]?.version;
    };
    expect(await listed()).toBe(1);
    alone.origin.answer(answerLecture(2, 60_000));
    await alone.redis.set(redisNames.generation, crypto.randomUUID());
    const changedMs = performance.now();
    while (performance.now() - changedMs < 1_000) {
      await listed();
      await Bun.sleep(20);
    }
    expect(await listed()).toBe(2);
    await patient.close();
  });

  test("without Redis a held lecture is asked for as any other, and stays shown", async () => {
    const path = `/lectures/${randomLectureId()}`;
    alone.origin.answer(answerLecture(1, 60_000));
    await alone.redis.set(redisNames.generation, crypto.randomUUID());
    await eventually("the lecture is held", async () => {
      const before = alone.origin.heard.length;
      const endsMs = performance.now() + 1_200;
      for (; performance.now() < endsMs; await Bun.sleep(20)) expect(await versionOf(path)).toBe(1);
      return alone.origin.heard.length === before;
    });
    alone.wire.ignores = "";
    try {
      alone.origin.answer(answerLecture(2, 60_000));
      const endsMs = performance.now() + 2_500;
      for (; performance.now() < endsMs; await Bun.sleep(20))
        expect(await versionOf(path)).toBeOneOf([1, 2]);
      expect(await versionOf(path)).toBe(2);
    } finally {
      alone.wire.ignores = undefined;
    }
  });

  test("a crowd for a cold lecture asks the origin once, also where readers leave", async () => {
    const path = `/lectures/${randomLectureId()}`;
    const { promise, resolve } = Promise.withResolvers<void>();
    const answer = answerLecture(1);
    alone.origin.answer((request) => promise.then(() => answer(request)));
    const heard = alone.origin.heard.length;
    const askedMs = performance.now();
    const leave = new AbortController();
    const first = fetch(`${edge.url}/api${path}`, { signal: leave.signal }).catch(() => undefined);
    await eventually("the origin is asked", async () => alone.origin.heard.length > heard);
    leave.abort();
    await first;
    const crowd = Array.from({ length: 40 }, () => read(path));
    await Bun.sleep(100);
    resolve();
    expect(new Set((await Promise.all(crowd)).map(({ status }) => status))).toEqual(new Set([200]));
    // A question that is a second old keeps nobody from asking.
    const seconds = Math.floor((performance.now() - askedMs) / 1_000);
    expect(alone.origin.heard.length - heard).toBeWithin(1, 2 + seconds);
  });

  test("a change of a lecture and its seats shows within a second beside readers", async () => {
    const lectureId = await loadOpenLecture(alone.redis, { capacity: 3 });
    const path = `/lectures/${lectureId}`;
    alone.origin.answer((request) =>
      request.path === path ? answerLecture(1)(request) : answerCommand()(request),
    );
    const remaining = async () =>
      ((await (await read(`${path}/availability`)).json()) as Availability).remaining;
    expect([await versionOf(path), await remaining()]).toEqual([1, 3]);
    const Authorization = `Bearer ${await tokenFor(randomUserId(), alone.env.SESSION_KEYS)}`;
    await read(`${path}/reservations`, { Authorization }, "POST");
    alone.origin.answer(answerLecture(2));
    const changedMs = performance.now();
    let seen: unknown[] = [];
    while (performance.now() - changedMs < 1_000) {
      seen = [await versionOf(path), await remaining()];
      await Bun.sleep(20);
    }
    seen = [await versionOf(path), await remaining()];
    expect(seen).toEqual([2, 2]);
  });

  test("a body in each coding equals the plain one, and each coding has its own tag", async () => {
    const path = `/lectures/${randomLectureId()}`;
    alone.origin.answer(answerLecture(1));
    const plain = await read(path, { "Accept-Encoding": "identity" });
    const text = await plain.text();
    expect([plain.headers.get("content-encoding"), plain.headers.get("etag")]).toEqual([
      null,
      '"v1"',
    ]);
    const best = runtime === "workerd" ? "gzip" : "br";
    for (const [accepted, coding] of [
      ["gzip", "gzip"],
      ["gzip, deflate, br, zstd", best],
      ["br;q=0.2, gzip;q=0.3", "gzip"],
      ["identity;q=0, *", best],
      ["br;q=0, *;q=0.5", "gzip"],
      ["gzip;q=0", null],
      ["deflate", null],
    ] as const) {
      const headers = { "Accept-Encoding": accepted };
      const answer = await read(path, headers);
      expect([accepted, answer.headers.get("content-encoding")]).toEqual([accepted, coding]);
      expect(answer.headers.get("vary")).toBe("Accept-Encoding");
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const decoded =
        coding === "gzip"
          ? gunzipSync(bytes)
          : coding === "br"
            ? brotliDecompressSync(bytes)
            : bytes;
      expect(new TextDecoder().decode(decoded)).toBe(text);
      const tag = coding === null ? '"v1"' : `"v1-${coding}"`;
      expect(answer.headers.get("etag")).toBe(tag);

      const again = await read(path, { ...headers, "If-None-Match": `"other", W/${tag}` });
      expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", tag]);
      expect(again.headers.get("vary")).toBe("Accept-Encoding");
      expect(again.headers.get("content-encoding")).toBeNull();
      const head = await read(path, headers, "HEAD");
      expect([head.status, head.headers.get("etag"), head.headers.get("content-encoding")]).toEqual(
        [200, tag, coding],
      );
      expect(head.headers.get("content-length")).toBe(String(bytes.length));
      const other = await read(path, { ...headers, "If-None-Match": '"v0"' });
      expect(other.status).toBe(200);
      await other.arrayBuffer();
    }
  });

  test("an availability is never compressed, and no browser's cache keeps it", async () => {
    const lectureId = await loadOpenLecture(alone.redis);
    const headers = { "Accept-Encoding": "gzip, br" };
    const before = Date.now();
    const answer = await read(`/lectures/${lectureId}/availability`, headers);
    expect([answer.headers.get("content-encoding"), answer.headers.get("cache-control")]).toEqual([
      null,
      "public, max-age=0, s-maxage=1",
    ]);
    expect(answer.headers.get("etag")).toMatch(/^"[^"]+"$/);
    const first = Date.parse(((await answer.json()) as Availability).serverTime);
    await Bun.sleep(300);
    const later = (await (
      await read(`/lectures/${lectureId}/availability`, headers)
    ).json()) as Availability;
    const [serverMs, ownMs] = [Date.parse(later.serverTime) - first, Date.now() - before];
    expect(serverMs).toBeGreaterThanOrEqual(250);
    expect(serverMs).toBeLessThanOrEqual(ownMs + 20);
  });

  test("lectures outlive an absent origin and say their age; unread ones are 503", async () => {
    const path = `/lectures/${randomLectureId()}`;
    alone.origin.answer(answerLecture(7));
    expect((await read(path)).headers.get("age")).toBeNull();
    alone.origin.answer(() => new Response(null, { status: 502 }));
    await Bun.sleep(1_100);
    for (let at = 0; at < 8; at += 1) {
      const answer = await read(path);
      expect([
        answer.status,
        ((await answer.json()) as Record<string, unknown>)["version"],
      ]).toEqual([200, 7]);
      expect(Number(answer.headers.get("age"))).toBeGreaterThanOrEqual(1);
    }
    expect((await read(`/lectures/${randomLectureId()}`)).status).toBe(503);
    alone.origin.answer(answerLecture(8));
    await eventually("the new version is read", async () => (await versionOf(path)) === 8);
    expect((await read(path)).headers.get("age")).toBeNull();
  });

  test("a lecture taken back is 404 within a second, and no old answer comes after", async () => {
    const path = `/lectures/${randomLectureId()}`;
    alone.origin.answer(answerLecture(1));
    expect(await versionOf(path)).toBe(1);
    alone.origin.answer(() => refuse("lecture_not_found", 404));
    await Bun.sleep(1_000);
    expect(await versionOf(path)).toBe(404);
    alone.origin.answer(() => new Response(null, { status: 502 }));
    await Bun.sleep(600);
    expect(await versionOf(path)).toBe(503);
    alone.origin.answer(answerLecture(1));
    await eventually("the origin is used again", async () => (await versionOf(path)) === 1);
  });

  test("an availability does not outlive Redis by more than a second", async () => {
    const path = `/lectures/${await loadOpenLecture(alone.redis)}/availability`;
    expect((await read(path)).status).toBe(200);
    alone.wire.ignores = "";
    try {
      await Bun.sleep(1_000);
      expect((await read(path)).status).toBe(503);
    } finally {
      alone.wire.ignores = undefined;
    }
    await eventually("Redis is asked again", async () => (await read(path)).status === 200);
  });

  test("what answers reads is counted by its source", async () => {
    const scrape = await fetch(`${edge.url}/metrics`, {
      headers: { Authorization: `Bearer ${METRICS_TOKEN}` },
    });
    const text = await scrape.text();
    for (const labels of [
      'of="lectures",from="memory"',
      'of="lectures",from="server"',
      'of="lectures",from="stale"',
      'of="lectures",from="none"',
      'of="availability",from="memory"',
      'of="availability",from="server"',
    ])
      expect(text).toMatch(
        new RegExp(`lectern_edge_reads_total\\{${labels},isolate="[^"]+"\\} [1-9]`),
      );
    expect(text).toMatch(
      /lectern_edge_requests_total\{route="GET \/api\/lectures\/:id",status="304",code="ok",/,
    );
  });
});
