import { afterAll, describe, expect, test } from "bun:test";
import { randomKey, startTestFront, TOKEN } from "./test-front.ts";

const front = await startTestFront();
afterAll(front.close);

const base64 = { "upstash-encoding": "base64" };
const failed = (text: string) => ({ status: 400, json: { error: expect.stringContaining(text) } });

describe("the token", () => {
  test.each([
    ["none", undefined],
    ["a wrong one", `Bearer ${TOKEN.replace("a", "b")}`],
    ["a longer one", `Bearer ${TOKEN}x`],
    ["the token without Bearer", TOKEN],
    ["an empty one", "Bearer "],
  ])("%s answers 401 and runs nothing", async (_, authorization) => {
    const key = randomKey();
    for (const path of ["/", "/pipeline", "/multi-exec", `/set/${key}/1`, "/subscribe/x"]) {
      const response = await fetch(front.url + path, {
        method: "POST",
        headers: authorization ? { authorization } : {},
        body: JSON.stringify(["SET", key, "1"]),
      });
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({ error: expect.stringContaining("auth token") });
    }
    expect(await front.command("EXISTS", key)).toEqual({ status: 200, json: { result: 0 } });
  });

  test("health needs none", async () => {
    const response = await fetch(`${front.url}/healthz`);
    expect([response.status, await response.json()]).toEqual([200, { ready: true }]);
  });
});

describe("one command", () => {
  test("numbers and booleans are sent as text", async () => {
    const key = randomKey();
    await front.command("RPUSH", key, 1, -2.5, true, "x");
    expect(await front.command("LRANGE", key, 0, -1)).toEqual({
      status: 200,
      json: { result: ["1", "-2.5", "true", "x"] },
    });
  });

  test.each(['"', "\\", 'a "b" \\ c', "line\nbreak\ttab", "\u007f\u0000", "讲座 é", ""])(
    "the text %j comes back as it was",
    async (text) => {
      const key = randomKey();
      await front.command("SET", key, text);
      expect(await front.command("GET", key)).toEqual({ status: 200, json: { result: text } });
    },
  );

  test("an error of Redis answers 400 with its words", async () => {
    const key = randomKey();
    await front.command("SET", key, "x");
    expect(await front.command("LPUSH", key, "y")).toEqual(failed("WRONGTYPE"));
    expect(await front.command("NOSUCHCOMMAND")).toEqual(failed("ERR unknown command"));
    expect(await front.command("EVALSHA", "0".repeat(40), 0)).toEqual(failed("NOSCRIPT"));
  });

  test("integers keep every digit", async () => {
    const key = randomKey();
    const response = await fetch(`${front.url}/incrby/${key}/9007199254740993`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(await response.text()).toBe('{"result":9007199254740993}');
  });

  test("base64 encodes every string, however deep, except a result that is OK", async () => {
    const script =
      "return {'a', {'b', {'OK', false, 7}}, redis.status_reply('OK'), redis.error_reply('ERR x')}";
    expect(await front.call("/", { headers: base64, body: ["EVAL", script, 0] })).toEqual({
      status: 200,
      json: { result: ["YQ==", ["Yg==", ["T0s=", null, 7]], "T0s=", btoa("ERR x")] },
    });
    const set = await front.call("/", { headers: base64, body: ["SET", randomKey(), "x"] });
    expect(set.json).toEqual({ result: "OK" });
    const ping = await front.call("/", { headers: base64, body: ["PING"] });
    expect(ping.json).toEqual({ result: btoa("PONG") });
  });

  test("text that is no UTF-8 is marked, and JSON stays JSON", async () => {
    const key = randomKey();
    const bytes = Uint8Array.of(34, 92, 10, 255);
    await fetch(`${front.url}/set/${key}`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}` },
      body: bytes,
    });
    expect((await front.command("GET", key)).json).toEqual({ result: '"\\\n\ufffd' });
  });
});

describe("a path", () => {
  test("is a command, with the body as its value and the query after it", async () => {
    const key = randomKey();
    const value = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const set = await fetch(`${front.url}/set/${key}?EX=100&NX`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}` },
      body: value,
    });
    expect(await set.json()).toEqual({ result: "OK" });
    const get = await front.call(`/get/${key}`, { method: "GET", headers: base64 });
    expect(get.json).toEqual({ result: Buffer.from(value).toString("base64") });
    const ttl = await front.command("TTL", key);
    expect((ttl.json as { result: number }).result).toBeWithin(1, 101);
  });

  test("is percent-decoded", async () => {
    const key = randomKey();
    await front.call(`/set/${key}/${encodeURIComponent("讲/座 ?")}`, { method: "GET" });
    expect((await front.call(`/get/${key}`, { method: "GET" })).json).toEqual({ result: "讲/座 ?" });
    expect(await front.call("/get/%ff", { method: "GET" })).toEqual(failed("percent-encoded"));
  });
});

describe("/pipeline", () => {
  test("answers each command for itself, in order", async () => {
    const key = randomKey();
    const body = [["SET", key, "x"], ["INCR", key], ["BLPOP", key, 0], ["GET", key], ["GET"]];
    expect(await front.call("/pipeline", { body, headers: base64 })).toEqual({
      status: 200,
      json: [
        { result: "OK" },
        { error: expect.stringContaining("not an integer") },
        { error: expect.stringContaining("BLPOP") },
        { result: "eA==" },
        { error: expect.stringContaining("wrong number of arguments") },
      ],
    });
  });

  test("answers even when nothing in it may run", async () => {
    expect(await front.call("/pipeline", { body: [["QUIT"]] })).toEqual({
      status: 200,
      json: [{ error: expect.stringContaining("QUIT") }],
    });
  });
});

describe("/multi-exec", () => {
  test("answers each command for itself when all were taken", async () => {
    const key = randomKey();
    const body = [
      ["SET", key, "x"],
      ["INCR", key],
      ["GET", key],
    ];
    expect(await front.call("/multi-exec", { body, headers: base64 })).toEqual({
      status: 200,
      json: [{ result: "OK" }, { error: expect.stringContaining("not an integer") }, { result: "eA==" }],
    });
  });

  test.each([
    ["a command Redis does not know", ["NOSUCHCOMMAND"]],
    ["a refused one", ["SUBSCRIBE", "x"]],
  ])("%s discards all of it", async (_, bad) => {
    const key = randomKey();
    expect(await front.call("/multi-exec", { body: [["SET", key, "x"], bad] })).toEqual(failed("EXECABORT"));
    expect(await front.command("GET", key)).toEqual({ status: 200, json: { result: null } });
  });

  test("nothing of others comes between its commands", async () => {
    const key = randomKey();
    const both = [
      ["INCR", key],
      ["INCR", key],
    ];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        index % 2 === 0 ? front.call("/multi-exec", { body: both }) : front.command("INCRBY", key, 1_000),
      ),
    );
    const transactions = answers.filter((_, index) => index % 2 === 0);
    for (const { json } of transactions) {
      const [first, second] = json as [{ result: number }, { result: number }];
      expect(second.result - first.result).toBe(1);
    }
  });
});

describe("a bad request", () => {
  test.each([
    ["no JSON", "/", "{"],
    ["an empty body", "/", ""],
    ["an object", "/", { a: 1 }],
    ["a text", "/", '"PING"'],
    ["no command name", "/", []],
    ["an empty name", "/", [""]],
    ["a name that is a number", "/", [1, "x"]],
    ["null as an argument", "/", ["SET", "x", null]],
    ["an array as an argument", "/", ["SET", "x", ["y"]]],
    ["an object as an argument", "/", ["SET", "x", { y: 1 }]],
    ["one command for a pipeline", "/pipeline", ["SET", "x", "y"]],
    ["an empty pipeline", "/pipeline", []],
    ["a pipeline with something else in it", "/pipeline", [["PING"], "PING"]],
    ["an empty command in a transaction", "/multi-exec", [["PING"], []]],
  ])("%s answers 400", async (_, path, body) => {
    expect(await front.call(path, { body })).toEqual(failed("ERR "));
  });

  test.each([
    ["DELETE", "/"],
    ["GET", "/"],
    ["GET", "/pipeline"],
    ["DELETE", "/get/x"],
  ])("%s %s answers 405", async (method, path) => {
    expect(await front.call(path, { method })).toMatchObject({
      status: 405,
      json: { error: expect.any(String) },
    });
  });

  test("a body over 1 MB answers 413, and one below does not", async () => {
    const key = randomKey();
    expect(await front.command("SET", key, "x".repeat(1_048_576))).toMatchObject({ status: 413 });
    expect((await front.command("SET", key, "x".repeat(1_040_000))).json).toEqual({ result: "OK" });
    expect((await front.command("STRLEN", key)).json).toEqual({ result: 1_040_000 });
  });

  test("a body that does not say its length is held to the same limit", async () => {
    const send = async (bytes: number) => {
      const parts = ['["ECHO","', ...Array.from({ length: bytes / 1_000 }, () => "x".repeat(1_000)), '"]'];
      const body = new ReadableStream({
        pull(controller) {
          const part = parts.shift();
          if (part === undefined) controller.close();
          else controller.enqueue(Buffer.from(part));
        },
      });
      const response = await fetch(front.url, {
        method: "POST",
        headers: { authorization: `Bearer ${TOKEN}` },
        body,
      });
      return response.status;
    };
    expect(await send(1_000)).toBe(200);
    expect(await send(1_100_000)).toBe(413);
  });

  test("more commands than allowed answer 413", async () => {
    const body = Array.from({ length: 10_001 }, () => ["PING"]);
    expect(await front.call("/pipeline", { body })).toMatchObject({ status: 413 });
  });
});

test("everyone gets the reply to their own command", async () => {
  const answers = await Promise.all(Array.from({ length: 500 }, (_, index) => front.command("ECHO", index)));
  expect(answers.map(({ json }) => json)).toEqual(
    Array.from({ length: 500 }, (_, index) => ({ result: String(index) })),
  );
});
