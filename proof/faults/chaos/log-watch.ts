import { closeSync, openSync, readSync, statSync } from "node:fs";
import { serviceNames } from "../system/links.ts";
import type { FaultSystem } from "../system/system.ts";

/** A runtime's text about an uncaught error. */
const UNCAUGHT = /unhandled|uncaught/i;

/**
 * Returns a function that searches the services' new log lines for uncaught errors since its last
 * call.
 */
export function watchLogs({ units }: FaultSystem): () => string[] {
  const readTo = new Map<string, number>();
  return () =>
    serviceNames.flatMap((name) => {
      const { log } = units[name];
      const text = readFrom(log, readTo);
      return text
        .split("\n")
        .filter((line) => UNCAUGHT.test(line))
        .map((line) => `${name} wrote: ${line.slice(0, 300)}`);
    });
}

function readFrom(log: string, readTo: Map<string, number>): string {
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  const from = readTo.get(log) ?? 0;
  readTo.set(log, size);
  // A shorter log was rotated and starts again.
  const begin = size < from ? 0 : from;
  const bytes = Buffer.alloc(size - begin);
  if (bytes.length === 0) return "";
  const fd = openSync(log, "r");
  try {
    readSync(fd, bytes, 0, bytes.length, begin);
    return bytes.toString();
  } finally {
    closeSync(fd);
  }
}
