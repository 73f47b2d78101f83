import { afterAll, expect, test } from "bun:test";
import { startTestFront } from "../test/private/redis-front.ts";

const front = await startTestFront();
afterAll(front.close);

const refused = `
  SUBSCRIBE x, psubscribe x, SSUBSCRIBE x, UNSUBSCRIBE, PUNSUBSCRIBE, SUNSUBSCRIBE, MONITOR,
  BLPOP x 0, BRPOP x 0, BRPOPLPUSH x y 0, BLMOVE x y LEFT LEFT 0, BLMPOP 0 1 x LEFT,
  BZPOPMIN x 0, BZPOPMAX x 0, BZMPOP 0 1 x MIN, WAIT 1 0, WAITAOF 1 0 0,
  XREAD block 0 STREAMS x $, XREADGROUP GROUP g c BLOCK 0 STREAMS x >,
  MULTI, EXEC, DISCARD, WATCH x, UNWATCH, SELECT 1, AUTH x, HELLO 3, RESET, QUIT,
  CLIENT REPLY OFF, client no-evict on,
  SYNC, PSYNC ? -1, REPLCONF ACK 1, READONLY, READWRITE, ASKING, SCRIPT DEBUG YES,
  SHUTDOWN NOSAVE, DEBUG SLEEP 1, REPLICAOF NO ONE, SLAVEOF NO ONE, FAILOVER`;

test.each(refused.split(",").map((line) => line.trim()))(
  "the shared connection never sees %s",
  async (line) => {
    const answer = await front.command(...line.split(" "));
    expect(answer).toEqual({
      status: 400,
      json: { error: expect.stringContaining("not available here") },
    });
    expect(await front.command("PING")).toEqual({ status: 200, json: { result: "PONG" } });
  },
);

test("a stream named BLOCK is not taken for the option", async () => {
  expect(await front.command("XREAD", "STREAMS", "BLOCK", "0")).toEqual({
    status: 200,
    json: { result: null },
  });
});
