import { afterAll, expect, test } from "bun:test";
import { startEdgeAlone } from "../../test/edge-alone.ts";
import { type Runtime, serveEdge } from "../../test/edge-runtimes.ts";
import { refuse } from "../../test/stub-origin.ts";
import { exchange } from "./raw-socket.ts";
import { requestText } from "./requests.ts";

const TOKENS = 5;
const REQUESTS = 1_000;
const AT_ONCE = 25;

const alone = startEdgeAlone({
  ADDRESS_BUCKET_TOKENS: String(TOKENS),
  ADDRESS_BUCKET_REFILL_PER_S: "1",
});
alone.origin.answer(() => refuse("route_not_found", 404));
afterAll(() => alone.close());

const randomByte = () => crypto.getRandomValues(new Uint8Array(1))[0] ?? 0;
const randomAddress = () => [randomByte() || 1, randomByte(), randomByte(), randomByte()].join(".");

/** Every header in which some proxy names a client's address. */
const claimsOf = (address: string): string[] => [
  `X-Forwarded-For: ${address}`,
  `X-Forwarded-For: ${randomAddress()}, ${address}`,
  `Forwarded: for=${address};proto=https`,
  `CF-Connecting-IP: ${address}`,
  `CF-Connecting-IPv6: 2001:db8::${randomByte().toString(16)}`,
  `CF-Pseudo-IPv4: ${address}`,
  `True-Client-IP: ${address}`,
  `X-Real-IP: ${address}`,
  `X-Client-IP: ${address}`,
  `X-Cluster-Client-IP: ${address}`,
  `Fastly-Client-IP: ${address}`,
  `Fly-Client-IP: ${address}`,
  `X-Azure-ClientIP: ${address}`,
  `X-Original-Forwarded-For: ${address}`,
  `X-Remote-Addr: ${address}`,
  `Remote-Addr: ${address}`,
  `CLIENT_ADDRESS_HEADER: x-real-ip`,
  `Via: 1.1 ${address}`,
];

async function signIn(url: string, from: string, claims: string[]): Promise<number> {
  const body = '{"studentNumber":"20230001"}';
  const json = ["Content-Type: application/json", `Content-Length: ${body.length}`];
  const bytes = requestText("POST /api/auth/demo", ["Host: edge", ...json, ...claims], body);
  return (await exchange(url, bytes, 10_000, from)).status;
}

/**
 * Bun and Deno see the connection's address. workerd does not, so all its clients share one bucket.
 */
test.each<Runtime>(["bun", "deno", "workerd"])(
  "on %s a thousand requests that claim a thousand addresses get the tokens of one",
  async (runtime) => {
    const edge = await serveEdge(runtime, alone.env);
    try {
      await alone.redis.del("lectern:limit:address:shared");
      const from = `127.${randomByte()}.${randomByte()}.${randomByte() || 1}`;
      const startedMs = performance.now();
      const statuses: number[] = [];
      for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
        const batch = Array.from({ length: AT_ONCE }, () =>
          signIn(edge.url, from, claimsOf(randomAddress())),
        );
        statuses.push(...(await Promise.all(batch)));
      }
      const refilled = Math.ceil((performance.now() - startedMs) / 1_000);
      const passed = statuses.filter((status) => status === 404).length;
      expect(statuses.filter((status) => status === 429).length).toBe(REQUESTS - passed);
      expect(passed).toBeGreaterThanOrEqual(TOKENS);
      expect(passed).toBeLessThanOrEqual(TOKENS + refilled);
      // The bucket belongs to the connection: another client has all its tokens.
      if (runtime !== "workerd") expect(await signIn(edge.url, "127.0.0.1", [])).toBe(404);
    } finally {
      await edge.close();
    }
  },
);

test("behind a proxy that overwrites one header, the others gain nothing either", async () => {
  const edge = await serveEdge("workerd", { ...alone.env, CLIENT_ADDRESS_HEADER: "X-Real-IP" });
  const address = randomAddress();
  try {
    const statuses: number[] = [];
    for (let sent = 0; sent < 100; sent += 1) {
      const others = claimsOf(randomAddress()).filter((line) => !line.startsWith("X-Real-IP"));
      statuses.push(await signIn(edge.url, "127.0.0.1", [...others, `X-Real-IP: ${address}`]));
    }
    expect(statuses.filter((status) => status === 404).length).toBeLessThan(TOKENS + 10);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(80);
  } finally {
    await edge.close();
  }
});
