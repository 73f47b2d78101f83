import { expect, test } from "bun:test";
import { ROOMY_BUCKETS } from "../proof/kit/roomy-buckets.ts";
import { startCountingProxy } from "./counting-proxy.ts";
import { runtimes, serveEdge } from "./edge-runtimes.ts";
import { enterOrganiser, makeOpenLecture } from "./organiser.ts";
import { reloadTenThousand } from "./reload.ts";
import { eventually } from "./servers.ts";
import { runningSystem } from "./system.ts";

/** Stands in front of the origin, and counts the requests. */
function startCountingOrigin() {
  const { originUrl } = runningSystem();
  let asked = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      asked += 1;
      const path = request.url.slice(new URL(request.url).origin.length);
      const headers = new Headers(request.headers);
      headers.delete("host");
      const answer = await fetch(originUrl.replace(/\/$/, "") + path, { headers });
      return new Response(await answer.arrayBuffer(), answer);
    },
  });
  return { url: server.url.origin, asked: () => asked, close: () => server.stop(true) };
}

test.each(runtimes)(
  "on %s 10,000 reloads ask the origin nothing and make two Redis trips a second",
  async (runtime) => {
    const { env } = runningSystem();
    const organiser = await enterOrganiser();
    const id = await makeOpenLecture(organiser);
    const wire = startCountingProxy(env["UPSTASH_REDIS_REST_URL"] ?? "");
    const origin = startCountingOrigin();
    const names = ["UPSTASH_REDIS_REST_TOKEN", "EDGE_KEYS", "SESSION_KEYS"];
    const edge = await serveEdge(runtime, {
      ...Object.fromEntries(names.map((name) => [name, env[name] ?? ""])),
      UPSTASH_REDIS_REST_URL: wire.url,
      ORIGIN_URL: origin.url,
      ...ROOMY_BUCKETS,
    });
    try {
      const list = `/lectures?host=${organiser.host}`;
      const paths = [list, `/lectures/${id}`, `/lectures/${id}/availability`];
      const read = async (path: string) =>
        (await (await fetch(`${edge.url}/api${path}`)).json()) as Record<string, unknown>;
      await eventually("the lecture is loaded", async () => {
        return (await fetch(`${edge.url}/api${paths[2]}`)).ok;
      });
      const { asked, trips, halves } = await reloadTenThousand(edge.url, paths, {
        asked: origin.asked,
        trips: () => wire.requests.length,
      });
      expect(asked).toBe(0);
      expect(trips).toBeLessThanOrEqual(halves);

      const title = crypto.randomUUID();
      const changed = await organiser.send(
        "PATCH",
        `/api/admin/lectures/${id}`,
        { title, capacity: 77 },
        { "if-match": "*", "idempotency-key": title },
      );
      expect(changed.status).toBe(200);
      const changedMs = performance.now();
      const shown = async () => {
        const lectures = (await read(list))["lectures"] as { title: string }[];
        return [lectures[0]?.title, (await read(`/lectures/${id}`))["title"]];
      };
      while (performance.now() - changedMs < 1_000) {
        await shown();
        await Bun.sleep(20);
      }
      expect(await shown()).toEqual([title, title]);
    } finally {
      await edge.close();
      await wire.close();
      await origin.close();
    }
  },
);
