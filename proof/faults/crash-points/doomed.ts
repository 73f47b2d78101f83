import { appendFileSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { watchCrashPoints } from "../../../runtime/crash-points/crash-point.ts";

/*
 * Runs a service's entry file so that it can end at a crash point: `bun doomed.ts ENTRY ORDERS
 * REACHED`. On SIGUSR2 it reads the point from ORDERS and acknowledges in REACHED. At that point it
 * writes the name to REACHED and kills itself, without flushing, closing or notifying anything.
 * What it wrote to the file stays.
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
