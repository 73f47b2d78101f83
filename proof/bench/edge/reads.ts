import { openRedis } from "../../../admission/redis.ts";
import { type Runtime, runtimes, type ServedEdge, serveEdge } from "../../../test/edge-runtimes.ts";
import { type Loaded, onOneCore } from "../on-one-core.ts";
import type { Sides, Stage } from "../stage.ts";
import type { BenchSystem } from "../system.ts";
import { runWrk } from "../wrk.ts";
import type { Bare } from "./bare/app.ts";
import { mintTokens } from "./crowd.ts";
import { loadLectures } from "./lectures.ts";
import { serveBare } from "./serve-bare.ts";
import { ROOMY } from "./stage.ts";

/** What browsers send. */
const ACCEPTED = "gzip, deflate, br, zstd";

/** A proxy in front names the client, as on every machine that is open to the world. */
const PROXIED = { header: "X-Forwarded-For", client: "203.0.113.7" };

/** Requests in flight, from one thread of wrk. */
const CONNECTIONS = 64;

/** The lectures of the list. */
const LECTURES = 50;

/** Reads that the edge keeps, on each runtime. The bare handler has the answer in a variable. */
export const readStages: Stage[] = (["lectures", "availability"] as const).flatMap((of) =>
  runtimes.map((runtime) => ({
    name: `edge reads ${of}, ${runtime}`,
    ceiling: "bare Hono, same answer",
    atLeast: 0.8,
    open: (system: BenchSystem) => openSides(system, runtime, of),
  })),
);

async function openSides(
  { environment }: BenchSystem,
  runtime: Runtime,
  of: "lectures" | "availability",
): Promise<Sides> {
  const {
    UPSTASH_REDIS_REST_URL: url,
    UPSTASH_REDIS_REST_TOKEN: token,
    EDGE_KEYS,
    SESSION_KEYS,
  } = environment;
  const origin = startListingOrigin();
  const redis = openRedis({ url, token, timeoutMs: 10_000 });
  const [student = ""] = await mintTokens(SESSION_KEYS, 1);
  const [lectureId] = await loadLectures(redis, "refusing", student, 1);
  const path = of === "lectures" ? "/api/lectures" : `/api/lectures/${lectureId}/availability`;
  const ours = await serveEdge(runtime, {
    EDGE_KEYS,
    SESSION_KEYS,
    UPSTASH_REDIS_REST_URL: url,
    UPSTASH_REDIS_REST_TOKEN: token,
    ORIGIN_URL: origin.url,
    CLIENT_ADDRESS_HEADER: PROXIED.header,
    ...ROOMY,
  });
  const bare = await serveBare(runtime, {
    does: "read",
    answer: await record(ours.url + path),
    secret: "",
    redis: { url, token },
    pipeline: "",
    originUrl: origin.url,
  });
  const loaded = (edge: ServedEdge): Loaded => ({
    pid: edge.pid,
    load: (seconds) =>
      runWrk({
        url: edge.url + path,
        seconds,
        connections: CONNECTIONS,
        lua: `
wrk.headers["Accept-Encoding"] = "${ACCEPTED}"
wrk.headers["${PROXIED.header}"] = "${PROXIED.client}"
`,
      }),
  });
  return {
    both: onOneCore(loaded(ours), loaded(bare)),
    async close() {
      await ours.close();
      await bare.close();
      await origin.close();
    },
  };
}

/** The edge's answer, its body as it travels and in base64. */
async function record(url: string): Promise<Bare["answer"]> {
  const sent = { "Accept-Encoding": ACCEPTED, [PROXIED.header]: PROXIED.client };
  const answer = await fetch(url, { headers: sent, decompress: false });
  const headers = Object.fromEntries(answer.headers);
  for (const own of ["date", "content-length", "connection", "keep-alive"]) delete headers[own];
  return { status: answer.status, headers, body: (await answer.bytes()).toBase64() };
}

/** An origin with one list. */
function startListingOrigin(): { url: string; close(): Promise<void> } {
  const lectures = Array.from({ length: LECTURES }, (_, at) => ({
    id: String(at),
    title: `从光到量子 From light to quanta ${at}`,
    speaker: `Professor ${at * 7}`,
    venue: `Hall ${at % 9}`,
    startsAt: new Date(1.8e12 + at * 1e7).toISOString(),
    endsAt: new Date(1.8e12 + at * 1e7 + 5e6).toISOString(),
    opensAt: new Date(1.7e12 + at * 1e7).toISOString(),
    closesAt: new Date(1.8e12 + at * 1e7).toISOString(),
    capacity: 200 + at,
    cancelled: false,
  }));
  const headers = { ETag: '"list"' };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) =>
      request.headers.get("if-none-match") === headers.ETag
        ? new Response(null, { status: 304, headers })
        : Response.json({ lectures }, { headers }),
  });
  return { url: server.url.origin, close: () => server.stop(true) };
}
