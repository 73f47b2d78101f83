import { afterAll, expect, test } from "bun:test";
import { evalsha } from "../admission/redis-command.ts";
import { openSend } from "../admission/send.ts";
import { startCountingProxy } from "../test/counting-proxy.ts";
import { addressOf } from "../test/servers.ts";
import { openRoundTrips } from "./round-trips.ts";

const wire = startCountingProxy(addressOf("UPSTASH_REDIS_REST_URL"));
const way = openSend({
  url: wire.url,
  token: addressOf("UPSTASH_REDIS_REST_TOKEN"),
  timeoutMs: 500,
});

afterAll(() => wire.close());

const { redis, exchange } = openRoundTrips(way);
const key = `test:${crypto.randomUUID()}`;

async function load(source: string): Promise<string> {
  return String(await redis.scriptLoad(source));
}

test("commands of one exchange travel together, and each gets its own reply", async () => {
  const [echo, number] = [await load("return ARGV[1]"), await load("return tonumber(ARGV[1])")];
  const before = wire.requests.length;
  const replies = await exchange([evalsha(echo, [key], ["one"]), evalsha(number, [key], [2])]);
  expect(replies.map(({ result }) => result)).toEqual(["one", 2]);
  expect(wire.requests.slice(before).map(({ path }) => path)).toEqual(["/pipeline"]);
});

test("an error belongs to the command that failed, and not to its neighbour", async () => {
  const fine = await load("return 'fine'");
  const [failed, neighbour] = await exchange([
    evalsha("0".repeat(40), [key], []),
    evalsha(fine, [key], []),
  ]);
  expect(failed?.error).toContain("NOSCRIPT");
  expect(neighbour).toEqual({ result: "fine" });
});

test("a script run alone, and another request's exchange, travel by themselves", async () => {
  const fine = await load("return 'fine'");
  const before = wire.requests.length;
  const [[exchanged], alone] = await Promise.all([
    exchange([evalsha(fine, [key], [])]),
    redis.evalsha(fine, [key], []),
  ]);
  expect([exchanged?.result, alone]).toEqual(["fine", "fine"]);
  const paths = wire.requests.slice(before).map(({ path }) => path);
  expect(paths.sort()).toEqual(["/", "/pipeline"]);
});

test("a failed round trip fails the exchange: each command may have run", async () => {
  wire.ignores = "";
  const [lost] = await Promise.allSettled([
    exchange([evalsha("a", [key], []), evalsha("b", [key], [])]),
  ]);
  wire.ignores = undefined;
  expect(lost?.status).toBe("rejected");
});

test("with sendLater, all exchanges until the sending travel together", async () => {
  const sends: (() => void)[] = [];
  const shared = openRoundTrips(way, (send) => sends.push(send));
  const echo = await load("return ARGV[1]");
  const say = (texts: string[]) =>
    shared.exchange(texts.map((text) => evalsha(echo, [key], [text])));
  const before = wire.requests.length;
  const asked = [say(["one"]), say(["two", "three"])];
  expect(sends).toHaveLength(1);
  sends[0]?.();
  const late = say(["late"]);
  sends[1]?.();
  const replies = await Promise.all([...asked, late]);
  expect(replies.map((own) => own.map(({ result }) => result))).toEqual([
    ["one"],
    ["two", "three"],
    ["late"],
  ]);
  expect(wire.requests.length - before).toBe(2);
});

test("a shared round trip has bounds: further commands go with the next one", async () => {
  const sends: (() => void)[] = [];
  const shared = openRoundTrips(way, (send) => sends.push(send));
  const echo = await load("return ARGV[1]");
  const asked = Array.from({ length: 301 }, (_, at) =>
    shared.exchange([evalsha(echo, [key], [`n${at}`])]),
  );
  for (const send of sends) send();
  expect(sends).toHaveLength(2);
  const replies = await Promise.all(asked);
  expect(replies.map(([reply]) => reply?.result)).toEqual(
    Array.from({ length: 301 }, (_, at) => `n${at}`),
  );
});
