import { expect, test } from "bun:test";
import { openTestRedis } from "../test/servers.ts";
import { isRefusedByRedis, saysRefused } from "./refused.ts";

const redis = openTestRedis();

const refused = [
  "WRONGTYPE Operation against a key holding the wrong kind of value",
  "WRONGTYPE Operation against a key holding the wrong kind of value script: 4a1ee1b5bff779a1489829e96547686df1a12fbf, on @user_script:1.",
  "NOPERM this user has no permissions to run the 'hget' command",
  "CROSSSLOT Keys in request don't hash to the same slot",
  "ERR The user executing the script can't run this command or subcommand script: 4a1ee1b5bff779a1489829e96547686df1a12fbf, on @user_script:1.",
  "ERR Error running script (call to f_4a1ee1b5bff779a1489829e96547686df1a12fbf): @user_script:1: user_script:1: attempt to index a nil value",
  "ERR Error running script (call to f_4a1ee1b5bff779a1489829e96547686df1a12fbf): @user_script:1: WRONGTYPE Operation against a key",
];

test.each(refused)("final: %s", (text) => {
  expect(saysRefused(text)).toBe(true);
});

const passing = [
  "ERR max daily request limit exceeded. Limit: 10000, Usage: 10001.",
  'ERR max requests limit exceeded. Limit: 500000, Usage: 500000., command was: ["eval","user_script:1: WRONGTYPE "]',
  "ERR max concurrent connections exceeded",
  "ERR DB capacity quota exceeded",
  "ERR internal error",
  "ERR max number of clients reached",
  "OOM command not allowed when used memory > 'maxmemory'. script: 7ea1e4d844c3724e938f6b11b48c042d2b978755, on @user_script:1.",
  "READONLY You can't write against a read only replica. script: 7ea1e4d844c3724e938f6b11b48c042d2b978755, on @user_script:1.",
  "NOREPLICAS Not enough good replicas to write. script: 7ea1e4d844c3724e938f6b11b48c042d2b978755, on @user_script:1.",
  "ERR Error running script (call to f_4a1ee1b5bff779a1489829e96547686df1a12fbf): @user_script:1: @user_script: 1: -OOM command not allowed",
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk",
  "LOADING Redis is loading the dataset in memory",
  "BUSY Redis is busy running a script",
  "MASTERDOWN Link with MASTER is down",
  "CLUSTERDOWN The cluster is down",
  "TRYAGAIN Multiple keys request during rehashing of slot",
  "NOAUTH Authentication required.",
  "UNKNOWN Redis did not answer in time",
  "The operation timed out.",
];

test.each(passing)("tried again: %s", (text) => {
  expect(saysRefused(text)).toBe(false);
});

test.each([
  ["a script that is none", "retur nil"],
  ["a script that goes wrong", "return nil + 1"],
  ["a script that asks for what there is not", "return redis.call('NO SUCH COMMAND')"],
])("what Redis itself says to %s is final", async (_what, source) => {
  const error = await redis.eval(source, [], []).catch((error: unknown) => error);
  expect(isRefusedByRedis(error)).toBe(true);
});
