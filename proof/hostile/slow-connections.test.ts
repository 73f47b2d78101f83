import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { Keyring } from "../../contract/keyring.ts";
import { SIGNATURE_HEADER } from "../../contract/signature.ts";
import { type Runtime, runtimes, type ServedEdge, serveEdge } from "../../test/edge-runtimes.ts";
import { runningSystem } from "../../test/system.ts";
import { closeConnections, connectRaw, exchange, type RawConnection } from "./raw-socket.ts";
import { signatureOf } from "./requests.ts";

/** More than the places for requests, which idle and incomplete connections must not take. */
const CLIENTS = 500;
const PLACES = 20;

const { originUrl, env } = runningSystem();
const keys = Keyring.parse(env["EDGE_KEYS"]);

const edges = new Map<Runtime, ServedEdge>();
const urlOf = (runtime: Runtime) => edges.get(runtime)?.url ?? "";

/** The servers under attack, and a request of another client of each. */
const attacked: [name: string, url: () => string, get: () => Promise<Response>][] = [
  ...runtimes.map((runtime): (typeof attacked)[number] => [
    `the edge on ${runtime}`,
    () => urlOf(runtime),
    () => fetch(`${urlOf(runtime)}/api/lectures`),
  ]),
  ["the origin", () => originUrl, readFromOrigin],
];

function readFromOrigin(): Promise<Response> {
  const headers = { [SIGNATURE_HEADER]: signatureOf(keys, { path: "/lectures" }) };
  return fetch(`${originUrl}/lectures`, { headers });
}

beforeAll(async () => {
  const settings = { ...env, ORIGIN_URL: originUrl, IN_FLIGHT_MAX: String(PLACES) };
  for (const runtime of runtimes) edges.set(runtime, await serveEdge(runtime, settings));
});
afterAll(async () => {
  for (const edge of edges.values()) await edge.close();
});

afterEach(closeConnections);

/** Opens many connections that send `first`, and then `piece` repeatedly. */
async function attack(url: string, first: string, piece: string): Promise<RawConnection[]> {
  const connections: RawConnection[] = [];
  for (let at = 0; at < CLIENTS; at += 50)
    connections.push(...(await Promise.all(Array.from({ length: 50 }, () => connectRaw(url)))));
  for (const { write, trickle } of connections) {
    write(first);
    if (piece) trickle(piece, 200);
  }
  return connections;
}

describe.each(attacked)("%s", (_, url, get) => {
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
      expect((await get()).status).toBe(200);
      await Bun.sleep(20);
    }
  });

  test("answers who closes its own side after a request, and others beside it", async () => {
    const request = "GET /api/nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const connections = await attack(url(), request, "");
    for (const { socket } of connections) socket.end();
    expect((await get()).status).toBe(200);
    for (const { ended, answer } of connections) {
      await ended;
      // A server may also end such a connection without an answer.
      expect([0, 401, 404]).toContain((await answer()).status);
    }
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
  for (const url of [urlOf("bun"), originUrl]) {
    const head = `GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(100_000)}`;
    const [connection] = await attack(url, head, "");
    expect((await connection?.answer())?.status).toBe(431);
  }
});
