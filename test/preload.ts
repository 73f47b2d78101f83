import { afterAll } from "bun:test";
import { relative } from "node:path";
import { newHandles, openHandles, serverPortsOf } from "./leaks.ts";

/** How long what a file has closed may take to be gone. */
const GRACE_MS = 3_000;
const POLL_MS = 20;

/*
 * Fails a test file that leaves a child process, a listening socket or a connection to a server behind. With `--isolate`, as
 * npm test runs them, this is checked after each file; without it, once after all of them.
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
