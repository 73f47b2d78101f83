import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readTraceParent, TRACEPARENT } from "../contract/trace-parent.ts";
import { loadOpenLecture, randomUserId, startEdgeAlone, tokenFor } from "../test/edge-alone.ts";
import { runtimes, type ServedEdge, serveEdge } from "../test/edge-runtimes.ts";
import { eventually, randomLectureId } from "../test/servers.ts";
import { shownLecture } from "../test/shown-lecture.ts";
import { answerCommand } from "../test/stub-origin.ts";
import { openTraceCollector } from "../test/trace-collector.ts";

const alone = startEdgeAlone();
const METRICS_TOKEN = "m".repeat(40);
const ALL = "1";
const NONE = "0";
afterAll(() => alone.close());

const authorized = async (userId = randomUserId()) => ({
  Authorization: `Bearer ${await tokenFor(userId, alone.env.SESSION_KEYS)}`,
});

describe.each(runtimes)("on %s", (runtime) => {
  let edge: ServedEdge;
  const collector = openTraceCollector();
  beforeAll(async () => {
    edge = await serveEdge(runtime, {
      ...alone.env,
      METRICS_TOKEN,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_TRACES_SAMPLER_ARG: ALL,
      USER_BUCKET_TOKENS: "2",
      USER_BUCKET_REFILL_PER_S: "1",
    });
  });
  afterAll(async () => {
    await edge.close();
    await collector.close();
  });

  async function scrape(): Promise<string[]> {
    const answer = await fetch(`${edge.url}/metrics`, {
      headers: { Authorization: `Bearer ${METRICS_TOKEN}` },
    });
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
    return (await answer.text()).split("\n");
  }

  /** The figure of a sample, without its isolate's name; 0 if the sample is not there yet. */
  async function told(sample: string): Promise<number> {
    const line = (await scrape()).find((text) =>
      text.replace(/,?isolate="[^"]+"/, "").startsWith(`${sample} `),
    );
    return Number(line?.split(" ").at(-1) ?? 0);
  }

  async function press(lectureId: string, userId: string, headers: Record<string, string> = {}) {
    const method = "POST";
    const all = { ...(await authorized(userId)), ...headers };
    return await fetch(`${edge.url}/api/lectures/${lectureId}/reservations`, {
      method,
      headers: all,
    });
  }

  test("answers, claims, limits and refusals from memory are counted", async () => {
    const lectureId = await loadOpenLecture(alone.redis, { capacity: 1 });
    alone.origin.answer(answerCommand());
    const statuses: number[] = [];
    for (let at = 0; at < 3; at += 1)
      statuses.push((await press(lectureId, randomUserId())).status);
    expect(statuses).toEqual([202, 409, 409]);
    const hasty = randomUserId();
    const other = await loadOpenLecture(alone.redis, { opensAtMs: Date.now() + 60_000 });
    await Promise.all(Array.from({ length: 6 }, () => press(other, hasty)));
    const route = 'route="POST /api/lectures/:id/reservations"';
    expect(await told(`lectern_edge_requests_total{${route},status="202",code="ok"}`)).toBe(1);
    expect(await told(`lectern_edge_requests_total{${route},status="409",code="sold_out"}`)).toBe(
      2,
    );
    expect(await told('lectern_edge_claims_total{outcome="claimed"}')).toBe(1);
    expect(await told('lectern_edge_claims_total{outcome="sold_out"}')).toBe(1);
    expect(await told('lectern_edge_known_refusals_total{outcome="sold_out"}')).toBe(1);
    expect(await told('lectern_edge_limits_total{outcome="passed"}')).toBeGreaterThanOrEqual(3);
    expect(await told('lectern_edge_limits_total{outcome="limited"}')).toBeGreaterThanOrEqual(1);
    expect(await told('lectern_breaker_open{server="redis"}')).toBe(0);
    await fetch(`${edge.url}/nowhere/${"x".repeat(20)}`);
    expect(
      await told('lectern_edge_requests_total{route="none",status="404",code="route_not_found"}'),
    ).toBe(1);
    const isolates = new Set(
      (await scrape()).flatMap((line) => /isolate="([^"]+)"/.exec(line)?.[1] ?? []),
    );
    expect(isolates.size).toBe(1);
  });

  test("without the token /metrics is 401 and shows no figure", async () => {
    const wrong: Record<string, string>[] = [
      {},
      { Authorization: `Bearer ${METRICS_TOKEN}m` },
      { Authorization: `Bearer ${METRICS_TOKEN.slice(1)}` },
      { Authorization: `Basic ${btoa(METRICS_TOKEN)}` },
      await authorized(),
    ];
    for (const headers of wrong) {
      const answer = await fetch(`${edge.url}/metrics`, { headers });
      expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
      expect(await answer.text()).not.toContain("lectern_edge");
    }
  });

  test("a trace begins here, goes on at the origin, and has the claim's outcome", async () => {
    const lectureId = await loadOpenLecture(alone.redis);
    alone.origin.answer(answerCommand({ status: "confirmed" }));
    const userId = randomUserId();
    const strange = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const answer = await press(lectureId, userId, { [TRACEPARENT]: strange });
    const requestId = answer.headers.get("x-request-id") ?? "";
    const { id: rid } = (await answer.json()) as { id: string };
    const traceId = requestId.replaceAll("-", "");
    const span = await eventually("its span is collected", async () =>
      collector.spans.find((one) => one.traceId === traceId),
    );
    const heard = alone.origin.heard.at(-1);
    expect(heard?.headers.get("x-request-id")).toBe(requestId);
    const parent = readTraceParent(heard?.headers.get(TRACEPARENT));
    expect(parent).toEqual({ traceId, spanId: span.spanId, sampled: true });
    expect(span).toMatchObject({
      service: "lectern-edge",
      name: "POST /api/lectures/:id/reservations",
      kind: 2,
      parentSpanId: "",
      links: [{ traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" }],
      attributes: {
        "http.request.method": "POST",
        "http.route": "POST /api/lectures/:id/reservations",
        "http.response.status_code": 201,
        "lectern.rid": rid,
        "lectern.lecture": lectureId,
        "lectern.outcome": "claimed",
      },
    });
    const [began, ended] = [BigInt(span.startTimeUnixNano), BigInt(span.endTimeUnixNano)];
    expect(ended >= began && ended / 1_000_000n >= BigInt(Date.now() - 60_000)).toBe(true);
    expect(collector.bodies.join()).not.toContain(userId);
    await eventually(
      "it is counted",
      async () => (await told('lectern_spans_total{outcome="sent"}')) > 0,
    );
  });
});

describe("of a stranger", () => {
  const edge = startEdgeAlone({
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
    OTEL_TRACES_SAMPLER_ARG: NONE,
  });
  afterAll(() => edge.close());

  test.each(["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "nonsense", ""])(
    "%p neither names a trace nor has one recorded",
    async (strange) => {
      edge.origin.answer(() => Response.json(shownLecture()));
      const headers = { [TRACEPARENT]: strange };
      const answer = await edge.fetch(`/api/lectures/${randomLectureId()}`, { headers });
      const requestId = answer.headers.get("x-request-id") ?? "";
      const sent = readTraceParent(edge.origin.heard.at(-1)?.headers.get(TRACEPARENT));
      expect(sent).toMatchObject({ traceId: requestId.replaceAll("-", ""), sampled: false });
    },
  );

  test("without a token there are no metrics; without a collector there is no trace", async () => {
    expect((await edge.fetch("/metrics")).status).toBe(404);
    expect((await alone.fetch("/metrics")).status).toBe(404);
    alone.origin.answer(() => Response.json({ lectures: [] }));
    await alone.fetch("/api/lectures");
    expect(alone.origin.heard.at(-1)?.headers.has(TRACEPARENT)).toBe(false);
  });
});

test("a collector that does not take spans costs the spans, and no request", async () => {
  const edge = startEdgeAlone({
    METRICS_TOKEN,
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
    OTEL_TRACES_SAMPLER_ARG: ALL,
  });
  edge.origin.answer(() => Response.json({ lectures: [] }));
  expect((await edge.fetch("/api/lectures")).status).toBe(200);
  await eventually("the span is counted as lost", async () => {
    const text = await (
      await edge.fetch("/metrics", { headers: { Authorization: `Bearer ${METRICS_TOKEN}` } })
    ).text();
    return /lectern_spans_total\{outcome="lost",isolate="[^"]+"\} [1-9]/.test(text);
  });
  await edge.close();
});
