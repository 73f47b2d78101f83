import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomUserId, startEdgeAlone, tokenFor } from "../../test/edge-alone.ts";
import { runtimes, type ServedEdge, serveEdge } from "../../test/edge-runtimes.ts";
import { closeConnections, connectRaw, type RawConnection } from "./raw-socket.ts";
import { requestText } from "./requests.ts";

/**
 * The fewest places that show the effect: one slow client per place, and one client who only asks.
 */
const PLACES = 8;

const alone = startEdgeAlone();
alone.origin.answer(() => Response.json({ lectures: [] }));
afterAll(() => alone.close());

describe.each(runtimes)("on %s", (runtime) => {
  let edge: ServedEdge;
  beforeAll(async () => {
    edge = await serveEdge(runtime, {
      ...alone.env,
      IN_FLIGHT_MAX: String(PLACES),
      BODY_TIMEOUT_MS: "1500",
    });
  });
  afterAll(async () => {
    closeConnections();
    await edge.close();
  });

  async function slow(lines: string[], piece: string): Promise<RawConnection> {
    const connection = await connectRaw(edge.url);
    const head = ["Host: edge", "Content-Type: application/json", ...lines];
    connection.write(requestText("POST /api/lectures/7/reservations", head));
    connection.trickle(piece, 100);
    return connection;
  }

  const bearer = async () =>
    `Authorization: Bearer ${await tokenFor(randomUserId(), alone.env.SESSION_KEYS)}`;

  test.each([
    ["never ends, from a stranger", async () => ["Transfer-Encoding: chunked"], "1\r\n \r\n"],
    ["never comes, from a stranger", async () => ["Content-Length: 16000"], ""],
    [
      "never ends, from a student",
      async () => ["Transfer-Encoding: chunked", await bearer()],
      "1\r\n \r\n",
    ],
    [
      "comes byte by byte, from a student",
      async () => ["Content-Length: 16000", await bearer()],
      " ",
    ],
  ])(
    "a body that %s holds no place among those worked on, and is given up",
    async (_, headers, piece) => {
      const lines = await headers();
      const clients = await Promise.all(
        Array.from({ length: 2 * PLACES }, () => slow(lines, piece)),
      );
      for (let asked = 0; asked < 20; asked++) {
        expect((await fetch(`${edge.url}/api/lectures`)).status).toBe(200);
        await Bun.sleep(10);
      }
      for (const client of clients) {
        const { status, body } = await client.answer();
        expect([status, body]).toEqual([408, expect.stringContaining('"body_incomplete"')]);
      }
    },
  );

  test("whoever leaves in the middle of a body is no fault of ours", async () => {
    for (const [length, begin] of [
      ["Transfer-Encoding: chunked", "5\r\n{"],
      ["Content-Length: 100", "{"],
    ] as const) {
      const connection = await connectRaw(edge.url);
      const head = ["Host: edge", "Content-Type: application/json", length];
      connection.write(requestText("POST /api/auth/demo", head, begin));
      await Bun.sleep(50);
      connection.socket.resetAndDestroy();
    }
    await Bun.sleep(100);
    expect(edge.written()).not.toContain('"internal"');
    expect((await fetch(`${edge.url}/api/lectures`)).status).toBe(200);
  });
});
