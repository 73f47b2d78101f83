import { afterAll, describe, expect, test } from "bun:test";
import { randomKey, startTestFront, TOKEN } from "../test/private/redis-front.ts";

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
      expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
      expect(await response.json()).toEqual({ error: expect.stringContaining("auth token") });
    }
    expect(await front.command("EXISTS", key)).toEqual({ status: 200, json: { result: 0 } });
  });

  test.each(["bearer", "BEARER", "Bearer ", "bEARER  "])(
    "the scheme %p is Bearer",
    async (scheme) => {
      const response = await fetch(`${front.url}/ping`, {
        headers: { authorization: `${scheme} ${TOKEN}` },
      });
      expect([response.status, await response.json()]).toEqual([200, { result: "PONG" }]);
    },
  );

  test("may be in the query, and is no argument of the command", async () => {
    const key = randomKey();
    const at = (path: string, token = TOKEN) =>
      `${front.url}${path}${path.includes("?") ? "&" : "?"}_token=${token}`;
    expect(await (await fetch(at(`/set/${key}/x?EX=60`))).json()).toEqual({ result: "OK" });
    expect(await (await fetch(at(`/get/${key}`))).json()).toEqual({ result: "x" });
    const piped = await fetch(at("/pipeline"), {
      method: "POST",
      body: JSON.stringify([["GET", key]]),
    });
    expect(await piped.json()).toEqual([{ result: "x" }]);
    expect((await fetch(at("/ping", "wrong"))).status).toBe(401);
    const authorization = "Bearer wrong";
    expect((await fetch(at("/ping"), { headers: { authorization } })).status).toBe(401);
    const both = await front.call(`/get/${key}?_token=${TOKEN}`, { method: "GET" });
    expect(both.json).toEqual({ result: "x" });
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

  test.each(["1541815603606036480", "-9007199254740993", "1.0", "-0", "1e400", "0.10"])(
    "the number %s is stored digit by digit, by a command and in a pipeline",
    async (digits) => {
      const key = randomKey();
      await front.call("/", { body: `["SET", "${key}", ${digits}]` });
      expect(await front.command("GET", key)).toEqual({ status: 200, json: { result: digits } });
      const { json } = await front.call("/pipeline", {
        body: `[["SET","${key}",1],["GETSET","${key}",${digits}],["GET","${key}"]]`,
      });
      expect(json).toEqual([{ result: "OK" }, { result: "1" }, { result: digits }]);
      const all = await front.call("/multi-exec", { body: `[["ECHO",${digits}]]` });
      expect(all.json).toEqual([{ result: digits }]);
    },
  );

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
    expect((await front.call(`/get/${key}`, { method: "GET" })).json).toEqual({
      result: "讲/座 ?",
    });
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
      json: [
        { result: "OK" },
        { error: expect.stringContaining("not an integer") },
        { result: "eA==" },
      ],
    });
  });

  test.each([
    ["a command Redis does not know", ["NOSUCHCOMMAND"]],
    ["a refused one", ["SUBSCRIBE", "x"]],
  ])("%s discards all of it", async (_, bad) => {
    const key = randomKey();
    expect(await front.call("/multi-exec", { body: [["SET", key, "x"], bad] })).toEqual(
      failed("EXECABORT"),
    );
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
        index % 2 === 0
          ? front.call("/multi-exec", { body: both })
          : front.command("INCRBY", key, 1_000),
      ),
    );
    const transactions = answers.filter((_, index) => index % 2 === 0);
    for (const { json } of transactions) {
      const [first, second] = json as [{ result: number }, { result: number }];
      expect(second.result - first.result).toBe(1);
    }
  });
});

test("everyone gets the reply to their own command", async () => {
  const answers = await Promise.all(
    Array.from({ length: 500 }, (_, index) => front.command("ECHO", index)),
  );
  expect(answers.map(({ json }) => json)).toEqual(
    Array.from({ length: 500 }, (_, index) => ({ result: String(index) })),
  );
});
