import { afterAll, beforeEach } from "bun:test";
import { relative } from "node:path";
import { undoBrokerChange } from "./broker-changes.ts";
import { checkHeldAnswers, holdAnswers } from "./held-answers/hold-answers.ts";
import { enterLane } from "./lanes.ts";
import { newHandles, openHandles, serverPortsOf } from "./leaks.ts";

/** How long closed resources may take to disappear, in milliseconds. */
const GRACE_MS = 3_000;
const POLL_MS = 20;

enterLane(process.env);

beforeEach(undoBrokerChange);
afterAll(undoBrokerChange);

/*
 * Fails a test file that leaves a child process, a listening socket or a connection to a server.
 * npm test runs with `--isolate`, which checks after each file; without it, one check follows all
 * files.
 */
const serverPorts = serverPortsOf(process.env);
const before = openHandles(serverPorts);

afterAll(async () => {
  const deadlineMs = performance.now() + GRACE_MS;
  let leaked = newHandles(before, openHandles(serverPorts));
  while (leaked.length > 0 && performance.now() < deadlineMs) {
    await Bun.sleep(POLL_MS);
    leaked = newHandles(before, openHandles(serverPorts));
  }
  if (leaked.length === 0) return;
  throw new Error(`${relative(process.cwd(), Bun.main)} leaves behind: ${leaked.join("; ")}`);
});

/* Fails a test file that got an answer of an edge which the API's document does not allow. */
holdAnswers();
afterAll(checkHeldAnswers);
