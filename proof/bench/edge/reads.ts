import { HOLDS_HEADER } from "../../../contract/origin-api.ts";
import { type Runtime, runtimes, serveEdge } from "../../../test/edge-runtimes.ts";
import { onOneCore } from "../on-one-core.ts";
import { redisOf } from "../servers.ts";
import type { Sides, Stage } from "../stage.ts";
import type { BenchSystem } from "../system.ts";
import { runWrk } from "../wrk.ts";
import type { Bare } from "./bare/app.ts";
import { mintTokens } from "./crowd.ts";
import { loadLectures } from "./lectures.ts";
import { CONNECTIONS } from "./load.ts";
import { serveBare } from "./serve-bare.ts";
import { edgeSettings } from "./settings.ts";

/** What browsers send. */
const ACCEPTED = "gzip, deflate, br, zstd";

/** A proxy in front names the client, as on every machine that is open to the world. */
const PROXIED = { header: "X-Forwarded-For", client: "203.0.113.7" };

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
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = environment;
  const origin = startListingOrigin();
  const [student = ""] = mintTokens(environment.SESSION_KEYS, 1);
  const [lectureId] = await loadLectures(redisOf(environment), "refusing", student, 1);
  const path = of === "lectures" ? "/api/lectures" : `/api/lectures/${lectureId}/availability`;
  const settings = edgeSettings({ ...environment, ORIGIN_URL: origin.url });
  const ours = await serveEdge(runtime, { ...settings, CLIENT_ADDRESS_HEADER: PROXIED.header });
  const bare = await serveBare(runtime, {
    does: "read",
    answer: await record(ours.url + path),
    secret: "",
    redis: { url, token },
    pipeline: "",
    originUrl: origin.url,
  });
  const reading = (edge: { url: string }) => (seconds: number) =>
    runWrk({ url: edge.url + path, seconds, connections: CONNECTIONS, lua: READER });
  return onOneCore({ ours, bare }, reading, origin);
}

const READER = `
wrk.headers["Accept-Encoding"] = "${ACCEPTED}"
wrk.headers["${PROXIED.header}"] = "${PROXIED.client}"
`;

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
  const headers = { ETag: '"list"', [HOLDS_HEADER]: "60000" };
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
