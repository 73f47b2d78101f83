import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { Keyring } from "../../contract/keyring.ts";
import { SIGNATURE_HEADER, sign } from "../../contract/signature.ts";
import { type Runtime, runtimes, type ServedEdge, serveEdge } from "../../test/edge-runtimes.ts";
import { eventually } from "../../test/servers.ts";
import { runningSystem } from "../../test/system.ts";
import { connectRaw, exchange, type RawConnection, readAnswer } from "./raw-socket.ts";

/** More than the places for requests, which idle and incomplete connections must not take. */
const CLIENTS = 500;
const PLACES = 20;

const { originUrl, env } = runningSystem();
const keys = Keyring.parse(env["EDGE_KEYS"]);

/** A server under attack, and a request of another client of it. */
interface Attacked {
  url(): string;
  get(): Promise<number>;
}

const edges = new Map<Runtime, ServedEdge>();
const attacked: [string, Attacked][] = [
  ...runtimes.map((runtime): [string, Attacked] => {
    const url = () => edges.get(runtime)?.url ?? "";
    return [
      `the edge on ${runtime}`,
      { url, get: async () => (await fetch(`${url()}/api/lectures`)).status },
    ];
  }),
  ["the origin", { url: () => originUrl, get: readFromOrigin }],
];

async function readFromOrigin(): Promise<number> {
  const signature = sign(
    keys,
    { method: "GET", path: "/lectures", body: new Uint8Array() },
    Date.now(),
  );
  return (await fetch(`${originUrl}/lectures`, { headers: { [SIGNATURE_HEADER]: signature } }))
    .status;
}

beforeAll(async () => {
  for (const runtime of runtimes)
    edges.set(
      runtime,
      await serveEdge(runtime, { ...env, ORIGIN_URL: originUrl, IN_FLIGHT_MAX: String(PLACES) }),
    );
});
afterAll(async () => {
  for (const edge of edges.values()) await edge.close();
});

const open: RawConnection[] = [];
const trickles: ReturnType<typeof setInterval>[] = [];
afterEach(() => {
  for (const trickle of trickles.splice(0)) clearInterval(trickle);
  for (const { socket } of open.splice(0)) socket.destroy();
});

/** Opens many connections that send `first`, and then `piece` repeatedly. */
async function attack(url: string, first: string, piece: string): Promise<RawConnection[]> {
  const connections: RawConnection[] = [];
  for (let at = 0; at < CLIENTS; at += 50)
    connections.push(...(await Promise.all(Array.from({ length: 50 }, () => connectRaw(url)))));
  open.push(...connections);
  for (const connection of connections) connection.write(first);
  if (piece)
    trickles.push(setInterval(() => connections.forEach(({ write }) => void write(piece)), 200));
  return connections;
}

describe.each(attacked)("%s", (_, { url, get }) => {
  test.each([
    ["say nothing", "", ""],
    [
      "send one header after the other, for ever",
      "POST /commands HTTP/1.1\r\nHost: x\r\n",
      "X: y\r\n",
    ],
    ["stop in the middle of the request line", "GET /api/lect", ""],
    [
      "announce a body of a terabyte",
      "POST /commands HTTP/1.1\r\nHost: x\r\nContent-Length: 1099511627776\r\n\r\n",
      "x",
    ],
  ])("answers others while five hundred clients %s", async (_, first, piece) => {
    await attack(url(), first, piece);
    for (let asked = 0; asked < 20; asked++) {
      expect(await get()).toBe(200);
      await Bun.sleep(20);
    }
  });

  test("answers who closes its own side after a request, and others beside it", async () => {
    const request = "GET /api/nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const connections = await attack(url(), request, "");
    for (const { socket } of connections) socket.end();
    expect(await get()).toBe(200);
    for (const connection of connections) await connection.ended;
    const statuses = new Set(connections.map(({ received }) => readAnswer(received()).status));
    // A server may also end such a connection without an answer.
    for (const status of statuses) expect([0, 401, 404]).toContain(status);
  });

  test("refuses what two parsers could read in two ways", async () => {
    const post = "POST /api/auth/demo HTTP/1.1\r\nHost: x\r\n";
    const bytes = [
      `${post}Content-Length: 0\r\nContent-Length: 40\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`,
      `${post}Content-Length: -1\r\n\r\n`,
      `${post}Content-Length: +5\r\n\r\n12345`,
      `${post}Content-Length: 99999999999999999999\r\n\r\n`,
      `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
      "GET /api/lectures HTTP/1.1\r\nHost: x\r\nX: y\r\n  z\r\n\r\n",
      "GET /api/lectures HTTP/1.1\r\nHost : x\r\n\r\n",
      "GET /api/lectures\r\n\r\n",
    ];
    for (const one of bytes) expect([400, 505]).toContain((await exchange(url(), one)).status);
  });
});

test("a head that never ends is given up by the origin and by the edge on Bun", async () => {
  const bun = edges.get("bun");
  if (!bun) throw new Error("the edge on Bun was started");
  for (const url of [bun.url, originUrl]) {
    const [connection] = await attack(
      url,
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(100_000)}`,
      "",
    );
    if (!connection) throw new Error("connections were opened");
    await eventually("it is told so", async () => connection.received() !== "");
    expect(readAnswer(connection.received()).status).toBe(431);
  }
});
