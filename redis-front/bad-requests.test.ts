import { afterAll, describe, expect, test } from "bun:test";
import { randomKey, startTestFront, TOKEN } from "../test/private/redis-front.ts";

const front = await startTestFront();
afterAll(front.close);

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
    expect(await front.call(path, { body })).toEqual({
      status: 400,
      json: { error: expect.stringContaining("ERR ") },
    });
  });

  test.each([
    ["DELETE", "/", "POST, PUT"],
    ["GET", "/", "POST, PUT"],
    ["GET", "/pipeline", "POST, PUT"],
    ["OPTIONS", "/multi-exec", "POST, PUT"],
    ["DELETE", "/get/x", "GET, HEAD, POST, PUT"],
    ["DELETE", "/subscribe/x", "GET, POST"],
    ["HEAD", "/subscribe/x", "GET, POST"],
    ["POST", "/healthz", "GET, HEAD"],
  ])("%s %s answers 405 and tells what is taken", async (method, path, allow) => {
    const response = await fetch(front.url + path, {
      method,
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect([response.status, response.headers.get("allow")]).toEqual([405, allow]);
    if (method !== "HEAD") expect(await response.json()).toEqual({ error: expect.any(String) });
  });

  test("a body over 1 MB answers 413, and one below does not", async () => {
    const key = randomKey();
    expect(await front.command("SET", key, "x".repeat(1_048_576))).toMatchObject({ status: 413 });
    expect((await front.command("SET", key, "x".repeat(1_040_000))).json).toEqual({ result: "OK" });
    expect((await front.command("STRLEN", key)).json).toEqual({ result: 1_040_000 });
  });

  test("a body that does not say its length is held to the same limit", async () => {
    const send = async (bytes: number) => {
      const parts = [
        '["ECHO","',
        ...Array.from({ length: bytes / 1_000 }, () => "x".repeat(1_000)),
        '"]',
      ];
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
