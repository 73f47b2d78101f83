import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { exchange, type RawAnswer } from "../proof/hostile/raw-socket.ts";
import { loadOpenLecture, randomUserId, startEdgeAlone, tokenFor } from "../test/edge-alone.ts";
import { runtimes, type ServedEdge, serveEdge } from "../test/edge-runtimes.ts";
import { followEvents } from "../test/event-source.ts";
import { eventually, randomLectureId } from "../test/servers.ts";
import { answerCommand } from "../test/stub-origin.ts";

const alone = startEdgeAlone();
afterAll(() => alone.close());

describe.each(runtimes)("on %s", (runtime) => {
  let edge: ServedEdge;
  beforeAll(async () => {
    edge = await serveEdge(runtime, {
      ...alone.env,
      IN_FLIGHT_MAX: "60",
      CLIENT_PROTO_HEADER: "X-Forwarded-Proto",
      CORS_ORIGINS: "https://seats.example",
    });
  }, 60_000);
  afterAll(async () => {
    expect(await edge.close()).toBe(0);
  }, 20_000);

  async function send(
    method: string,
    path: string,
    userId: string,
    init: RequestInit = {},
  ): Promise<Response> {
    const Authorization = `Bearer ${await tokenFor(userId, alone.env.SESSION_KEYS)}`;
    return fetch(edge.url + path, { ...init, method, headers: { Authorization, ...init.headers } });
  }

  test("a reservation goes through Redis and the origin, and the same key gives the same id", async () => {
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
    const availability = await fetch(`${edge.url}/api/lectures/${lectureId}/availability`);
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

  test("what is answered from memory is asked for anew without anybody's having to claim", async () => {
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

  test("a page of ours books by the browser's cookie, over HTTP and behind a proxy that ends TLS, and a sibling's does not", async () => {
    const path = `/api/lectures/${await loadOpenLecture(alone.redis)}/reservations`;
    alone.origin.answer(answerCommand());
    const { host } = new URL(edge.url);
    for (const [proto, name] of [
      ["http", "lectern_session"],
      ["https", "__Host-lectern_session"],
    ] as const) {
      const Cookie = `${name}=${await tokenFor(randomUserId(), alone.env.SESSION_KEYS)}`;
      const press = (Origin: string) =>
        fetch(edge.url + path, {
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
    const response = await fetch(`${edge.url}/api/lectures/1/reservations`, { method: "POST" });
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(alone.wire.requests.length).toBe(before);
  });

  test("bad input is refused as problem details", async () => {
    const codes: unknown[] = [];
    const megabyte = "x".repeat(1_024 * 1_024);
    const unknownLength = { body: new Blob([megabyte]).stream() };
    for (const [path, init] of [
      ["/api/lectures/1abc/reservations", {}],
      ["/api/lectures/%00/reservations", {}],
      ["/api/lectures/..%2Fx/reservations", {}],
      [
        "/api/lectures/1/reservations",
        { body: "{", headers: { "Content-Type": "application/json" } },
      ],
      [
        "/api/lectures/1/reservations",
        { body: "[]", headers: { "Content-Type": "application/json" } },
      ],
      ["/api/lectures/1/reservations", { body: megabyte }],
      ["/api/lectures/1/reservations", unknownLength],
      ["/api/lectures", {}],
      ["/healthz", {}],
    ] as [string, RequestInit][]) {
      const response = await send("POST", path, "s-1", init);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      codes.push(((await response.json()) as { code: string }).code);
    }
    expect(codes).toEqual([
      "lecture_not_found",
      "lecture_not_found",
      "lecture_not_found",
      "malformed_json",
      "invalid_request",
      "body_too_large",
      "body_too_large",
      "method_not_allowed",
      "route_not_found",
    ]);
  });

  test("HEAD is answered with GET's status, headers and length, and without its body", async () => {
    const lectureId = await loadOpenLecture(alone.redis);
    alone.origin.answer(() => Response.json({ lectures: [] }, { headers: { ETag: '"1"' } }));
    const token = await tokenFor(randomUserId(), alone.env.SESSION_KEYS);
    const rid = `7-${"0".repeat(32)}`;
    for (const path of [
      "/api/lectures",
      `/api/lectures/${lectureId}/availability`,
      "/api/me",
      "/nowhere",
      "/api/auth/demo",
      `/api/reservations/${rid}x`,
    ]) {
      const [got, head] = [
        await exchange(edge.url, ask("GET", path, token)),
        await exchange(edge.url, ask("HEAD", path, token)),
      ];
      expect([path, head.status, head.body]).toEqual([path, got.status, ""]);
      expect([path, Number(head.headers.get("content-length"))]).toEqual([
        path,
        unchunked(got).length,
      ]);
      expect(head.headers.get("content-type")).toBe(got.headers.get("content-type"));
    }
  });

  test("every answer has its Date", async () => {
    alone.origin.answer(() => new Response(null, { status: 304, headers: { ETag: '"1"' } }));
    for (const [method, path] of [
      ["GET", "/api/me"],
      ["HEAD", "/api/me"],
      ["GET", "/api/lectures"],
      ["HEAD", "/api/lectures"],
      ["HEAD", "/nowhere"],
      ["POST", "/api/auth/sign-out"],
      ["PUT", "/api/me"],
    ] as const) {
      const token = await tokenFor(randomUserId(), alone.env.SESSION_KEYS);
      const { headers } = await exchange(edge.url, ask(method, path, token));
      const ageMs = Date.now() - Date.parse(headers.get("date") ?? "");
      expect([method, path, Math.abs(ageMs) < 60_000]).toEqual([method, path, true]);
    }
  });

  test("an answer that never has a body says nothing of a length", async () => {
    alone.origin.answer(() => Response.json({ lectures: [] }));
    for (const [method, path] of [
      ["GET", "/api/lectures"],
      ["HEAD", "/api/lectures"],
      ["POST", "/api/auth/sign-out"],
    ] as const) {
      const { status, headers } = await exchange(
        edge.url,
        ask(method, path, "x", "If-None-Match: *"),
      );
      expect([status === 304 || status === 204, headers.get("content-length")]).toEqual([
        true,
        null,
      ]);
    }
  });

  test.each(["Host: other", "Host: edge", "Host: a b", "Host: a/b", "Host: a,b"])(
    "a request with Host: edge and %s is 400",
    async (line) => {
      const lines = line.includes("a") ? [line] : ["Host: edge", line];
      const { status } = await exchange(
        edge.url,
        [`GET /api/me HTTP/1.1`, ...lines, "Connection: close", "", ""].join("\r\n"),
      );
      expect(status).toBe(400);
    },
  );

  test("a page of an origin that is listed may read what it asked for", async () => {
    const headers = { Origin: "https://seats.example" };
    alone.origin.answer(() => Response.json({ lectures: [] }));
    const asked = await fetch(`${edge.url}/api/me`, {
      method: "OPTIONS",
      headers: { ...headers, "Access-Control-Request-Method": "GET" },
    });
    expect(asked.status).toBe(204);
    for (const path of ["/api/lectures", "/api/me", "/nowhere"]) {
      const answer = await fetch(edge.url + path, { headers });
      expect(answer.headers.get("access-control-allow-origin")).toBe("https://seats.example");
    }
  });

  test("events are passed on as they come, and the origin's stream ends when the client leaves", async () => {
    let push: (text: string) => void = () => {};
    alone.origin.answer(() => {
      const events = new ReadableStream<Uint8Array>({
        start(controller) {
          push = (text) => controller.enqueue(new TextEncoder().encode(text));
          push("event: status\ndata: first\n\n");
        },
      });
      return new Response(events, { headers: { "Content-Type": "text/event-stream" } });
    });
    const leave = new AbortController();
    const path = `/api/reservations/7-${"0".repeat(32)}/events`;
    const response = await send("GET", path, "s-1", { signal: leave.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (const expected of ["first", "second"]) {
      expect(new TextDecoder().decode((await reader.read()).value)).toContain(`data: ${expected}`);
      push("event: status\ndata: second\n\n");
    }
    leave.abort();
    const signal = alone.origin.heard.at(-1)?.signal;
    await eventually("the origin is left", async () => {
      if (!signal?.aborted) push(": still there\n\n");
      return signal?.aborted;
    });
  });

  test("a browser that follows a reservation is sent back while the origin is away, and ended after the decision", async () => {
    const answers = [
      () => new Response(null, { status: 502 }),
      () =>
        new Response("id: confirmed\nevent: status\ndata: {}\n\n", {
          headers: { "Content-Type": "text/event-stream" },
        }),
      () => new Response(null, { status: 204 }),
    ];
    alone.origin.answer(() => answers.shift()?.() ?? new Response(null, { status: 404 }));
    const path = `/api/reservations/7-${"0".repeat(32)}/events`;
    const { events, statuses } = await followEvents(async (headers) => {
      const response = await send("GET", path, "s-1", { headers });
      if (response.status === 200) expect(response.headers.get("x-accel-buffering")).toBe("no");
      return response;
    });
    expect([statuses, events.length]).toEqual([[200, 200, 204], 1]);
    expect(alone.origin.heard.at(-1)?.path).toEndWith("&told=confirmed");
  });

  test("a claim is handed over to be decided although its student has left", async () => {
    const lectureId = await loadOpenLecture(alone.redis);
    const userId = randomUserId();
    alone.origin.answer(answerCommand());
    const leave = new AbortController();
    const path = `/api/lectures/${lectureId}/reservations`;
    const { promise, resolve } = Promise.withResolvers<void>();
    alone.wire.repliesAfter = promise;
    const pressed = send("POST", path, userId, { signal: leave.signal }).catch(
      (error: Error) => error.name,
    );
    await eventually("Redis is asked", async () =>
      alone.wire.requests.at(-1)?.body.includes(userId),
    );
    leave.abort();
    expect(await pressed).toBe("AbortError");
    resolve();
    const handedOver = () =>
      alone.origin.heard.some((heard) => JSON.stringify(heard.body)?.includes(userId));
    await eventually("the origin has the command", async () => handedOver());
  });

  test("students who leave make room for others", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    alone.origin.answer(() => promise.then(() => Response.json({ lectures: [] })));
    const leave = new AbortController();
    const before = alone.origin.heard.length;
    // Each asks for another lecture: those who ask for the same wait for one question.
    const left = Array.from({ length: 60 }, () =>
      fetch(`${edge.url}/api/lectures/${randomLectureId()}`, { signal: leave.signal }).catch(
        () => undefined,
      ),
    );
    await eventually(
      "all of them are worked on",
      async () => alone.origin.heard.length === before + 60,
    );
    expect((await fetch(`${edge.url}/api/x`)).status).toBe(503);
    leave.abort();
    await Promise.all(left);
    await eventually(
      "there is room",
      async () => (await fetch(`${edge.url}/api/x`)).status === 404,
    );
    resolve();
  });

  test("a server that is back is used again although the student who would have found out has left", async () => {
    const read = (signal?: AbortSignal) =>
      fetch(`${edge.url}/api/lectures`, signal ? { signal } : {});
    alone.origin.answer(() => new Response(null, { status: 502 }));
    await eventually("the origin is asked no more", async () => {
      const before = alone.origin.heard.length;
      await read();
      return alone.origin.heard.length === before;
    });

    const { promise: silence, resolve } = Promise.withResolvers<Response>();
    alone.origin.answer(() => silence);
    const leave = new AbortController();
    const before = alone.origin.heard.length;
    await eventually("one student's request finds out", async () => {
      read(leave.signal).catch(() => undefined);
      await Bun.sleep(50);
      return alone.origin.heard.length > before;
    });
    leave.abort();

    alone.origin.answer(() => Response.json({ lectures: [] }));
    await eventually("the origin is used again", async () => (await read()).status === 200, 3_000);
    resolve(new Response());
  }, 20_000);

  test("a NUL byte in the request line is refused by the server itself", async () => {
    const answer = await raw(edge.url, "GET /api/lectures/1\u0000 HTTP/1.1\r\nHost: edge\r\n\r\n");
    expect(answer).toStartWith(runtime === "bun" ? "HTTP/1.1 505 " : "HTTP/1.1 400 ");
    expect(answer).not.toMatch(/x-request-id/i);
  });
});

/** A request on its own connection. */
function ask(method: string, path: string, token: string, ...more: string[]): string {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    "Host: edge",
    `Authorization: Bearer ${token}`,
    "Connection: close",
    ...more,
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** The body, sent in one chunk or unchunked. */
function unchunked({ headers, body }: RawAnswer): string {
  if (headers.get("transfer-encoding") !== "chunked") return body;
  return body.split("\r\n")[1] ?? "";
}

/** Sends raw bytes and returns the first bytes that come back; empty if the server closes. */
function raw(url: string, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () =>
      socket.write(request, "latin1"),
    );
    socket.setTimeout(5_000, () => socket.destroy(new Error("no answer within 5 s")));
    socket.on("data", (bytes) => {
      resolve(bytes.toString("latin1"));
      socket.destroy();
    });
    socket.on("close", () => resolve(""));
    socket.on("error", reject);
  });
}
