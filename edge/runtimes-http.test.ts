import { expect, test } from "bun:test";
import { exchange, type RawAnswer } from "../proof/hostile/raw-socket.ts";
import { loadOpenLecture, randomUserId, tokenFor } from "../test/edge-alone.ts";
import { onEachRuntime } from "../test/edge-on-runtimes.ts";

onEachRuntime(({ runtime, alone, url, send }) => {
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
        await exchange(url(), ask("GET", path, token)),
        await exchange(url(), ask("HEAD", path, token)),
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
    alone.origin.answer(() => Response.json({ lectures: [] }));
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
      const { headers } = await exchange(url(), ask(method, path, token));
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
      const { status, headers } = await exchange(url(), ask(method, path, "x", "If-None-Match: *"));
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
        url(),
        [`GET /api/me HTTP/1.1`, ...lines, "Connection: close", "", ""].join("\r\n"),
      );
      expect(status).toBe(400);
    },
  );

  test("a page of an origin that is listed may read what it asked for", async () => {
    const headers = { Origin: "https://seats.example" };
    alone.origin.answer(() => Response.json({ lectures: [] }));
    const asked = await fetch(`${url()}/api/me`, {
      method: "OPTIONS",
      headers: { ...headers, "Access-Control-Request-Method": "GET" },
    });
    expect(asked.status).toBe(204);
    for (const path of ["/api/lectures", "/api/me", "/nowhere"]) {
      const answer = await fetch(url() + path, { headers });
      expect(answer.headers.get("access-control-allow-origin")).toBe("https://seats.example");
    }
  });

  test("a NUL byte in the request line is refused by the server itself", async () => {
    const request = "GET /api/lectures/1\u0000 HTTP/1.1\r\nHost: edge\r\n\r\n";
    const { status, headers } = await exchange(url(), request);
    expect([status, headers.has("x-request-id")]).toEqual([runtime === "bun" ? 505 : 400, false]);
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
