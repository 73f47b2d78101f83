import { afterAll, describe, expect, test } from "bun:test";
import { randomKey, startTestFront, TOKEN } from "../test/private/redis-front.ts";

const front = await startTestFront();
afterAll(front.close);

const base64 = { "upstash-encoding": "base64" };
const resp2 = { "upstash-response-format": "resp2" };
const failed = (text: string) => ({ status: 400, json: { error: expect.stringContaining(text) } });

describe("in RESP2", () => {
  async function raw(path: string, body: unknown, headers: Record<string, string> = resp2) {
    const authorization = `Bearer ${TOKEN}`;
    const init = {
      method: "POST",
      headers: { authorization, ...headers },
      body: JSON.stringify(body),
    };
    const response = await fetch(front.url + path, init);
    const text = Buffer.from(await response.arrayBuffer()).toString("latin1");
    return { status: response.status, type: response.headers.get("content-type"), text };
  }
  const type = "application/octet-stream";

  test("every kind of reply is what Redis itself sends", async () => {
    const replies = "redis.status_reply('OK'), redis.error_reply('ERR x')";
    const script = `return {'OK', 7, false, {'é'}, ${replies}, 'line\\r\\n'}`;
    expect(await raw("/", ["EVAL", script, 0])).toEqual({
      status: 200,
      type,
      text:
        "*7\r\n$2\r\nOK\r\n:7\r\n$-1\r\n*1\r\n$2\r\n\xc3\xa9\r\n" +
        "+OK\r\n-ERR x\r\n$6\r\nline\r\n\r\n",
    });
    const key = randomKey();
    expect((await raw("/", ["SET", key, "OK"])).text).toBe("+OK\r\n");
    expect((await raw("/", ["GET", key])).text).toBe("$2\r\nOK\r\n");
  });

  test("an error is 400 alone, and has its place in a pipeline", async () => {
    expect(await raw("/", ["GET"])).toMatchObject({
      status: 400,
      type,
      text: expect.stringMatching(/^-ERR .*\r\n$/),
    });
    const piped = await raw("/pipeline", [["PING"], ["QUIT"], ["ECHO", "x"]]);
    expect([piped.status, piped.type]).toEqual([200, type]);
    expect(piped.text).toMatch(/^\+PONG\r\n-ERR QUIT .*\r\n\$1\r\nx\r\n$/);
  });

  test("a transaction is answered in JSON all the same", async () => {
    const headers = { ...resp2, ...base64 };
    expect(await front.call("/multi-exec", { body: [["ECHO", "x"]], headers: resp2 })).toEqual({
      status: 200,
      json: [{ result: "x" }],
    });
    expect(await front.call("/multi-exec", { body: [["ECHO", "x"]], headers })).toEqual(
      failed("base64"),
    );
  });

  test.each([
    ["another format", { "upstash-response-format": "resp3" }],
    ["RESP2 in base64", { ...resp2, ...base64 }],
  ])("%s answers 400 and runs nothing", async (_, headers) => {
    const key = randomKey();
    expect(await front.call("/", { body: ["SET", key, "x"], headers })).toEqual(
      failed("ERR Upstash-"),
    );
    expect(await front.call("/pipeline", { body: [["SET", key, "x"]], headers })).toEqual(
      failed("ERR Upstash-"),
    );
    expect((await front.command("EXISTS", key)).json).toEqual({ result: 0 });
  });

  test("json may be asked for by name", async () => {
    const headers = { "upstash-response-format": "json" };
    expect((await front.call("/", { body: ["PING"], headers })).json).toEqual({ result: "PONG" });
  });
});

test("every answer of Redis has its own sync token, and strangers get none", async () => {
  const tokens = new Set<string | null>();
  for (const [path, headers] of [
    ["/ping", {}],
    ["/ping", resp2],
    ["/get", {}],
    ["/set/a", {}],
  ] as const) {
    const authorization = `Bearer ${TOKEN}`;
    const response = await fetch(front.url + path, { headers: { authorization, ...headers } });
    tokens.add(response.headers.get("upstash-sync-token"));
  }
  expect([...tokens]).toEqual(Array(4).fill(expect.stringMatching(/^[0-9]+$/)));
  expect((await fetch(`${front.url}/ping`)).headers.get("upstash-sync-token")).toBeNull();
});
