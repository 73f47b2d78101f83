import { expect, test } from "bun:test";
import { openTestRedis } from "../test/servers.ts";
import { isRefusedByRedis, saysRefused } from "./refused.ts";

const redis = openTestRedis();

const SHA1 = "4a1ee1b5bff779a1489829e96547686df1a12fbf";
/** How Redis 7 ends an error of a command in a script. */
const IN_SCRIPT = `script: ${SHA1}, on @user_script:1.`;
/** How Redis 6 begins an error of a script. */
const RUNNING = `ERR Error running script (call to f_${SHA1}): @user_script:1:`;

const refused = [
  "WRONGTYPE Operation against a key holding the wrong kind of value",
  `WRONGTYPE Operation against a key holding the wrong kind of value ${IN_SCRIPT}`,
  "NOPERM this user has no permissions to run the 'hget' command",
  "CROSSSLOT Keys in request don't hash to the same slot",
  `ERR The user executing the script can't run this command or subcommand ${IN_SCRIPT}`,
  `${RUNNING} user_script:1: attempt to index a nil value`,
  `${RUNNING} WRONGTYPE Operation against a key`,
];

test.each(refused)("final: %s", (text) => {
  expect(saysRefused(text)).toBe(true);
});

const passing = [
  "ERR max daily request limit exceeded. Limit: 10000, Usage: 10001.",
  "ERR max requests limit exceeded. Limit: 500000, Usage: 500000., " +
    'command was: ["eval","user_script:1: WRONGTYPE "]',
  "ERR max concurrent connections exceeded",
  "ERR DB capacity quota exceeded",
  "ERR internal error",
  "ERR max number of clients reached",
  `OOM command not allowed when used memory > 'maxmemory'. ${IN_SCRIPT}`,
  `READONLY You can't write against a read only replica. ${IN_SCRIPT}`,
  `NOREPLICAS Not enough good replicas to write. ${IN_SCRIPT}`,
  `${RUNNING} @user_script: 1: -OOM command not allowed`,
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
