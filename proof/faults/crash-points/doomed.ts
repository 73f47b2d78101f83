import { appendFileSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { watchCrashPoints } from "../../../runtime/crash-points/crash-point.ts";

/*
 * Runs a service's entry file so that it can be made to end at a crash point: `bun doomed.ts ENTRY ORDERS REACHED`. On SIGUSR2 it reads from
 * ORDERS at which point to end, and says so in REACHED; coming to that point it writes its name there and kills itself, with nothing
 * flushed, closed or said to anybody. What it has written to the file stays.
 */
const [entry = "", orders = "", reached = ""] = process.argv.slice(2);

let ordered: string | undefined;

process.on("SIGUSR2", () => {
  ordered = readFileSync(orders, "utf8");
  appendFileSync(reached, `ordered ${ordered}\n`);
});

watchCrashPoints((point) => {
  if (point !== ordered) return;
  appendFileSync(reached, `reached ${point}\n`);
  process.kill(process.pid, "SIGKILL");
});

await import(resolve(entry));
