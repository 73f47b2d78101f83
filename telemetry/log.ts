import pino, { type Logger } from "pino";
import { createCounter, type Family } from "../metrics/family.ts";

export interface LogOptions {
  service: "origin" | "worker";
  level: string;
  /** where the lines go; standard output by default */
  write?: (line: string) => void;
}

/**
 * What no line may hold, wherever it came from. mysql2 puts the whole statement into its errors, with the values of every row; the other
 * names are of secrets and of users, which no code of ours logs.
 */
const REDACTED = [
  "sql",
  "parameters",
  "token",
  "password",
  "secret",
  "authorization",
  "cookie",
  "userId",
  "studentNumber",
];

/** The log of a service, JSON lines, and how often each event of it was written. */
export function openLog({ service, level, write }: LogOptions): { log: Logger; events: Family } {
  const events = createCounter(
    "lectern_log_events_total",
    "Lines written to the log, by event; failure-modes.md explains each. Levels below LOG_LEVEL are not counted.",
    ["event"],
  );
  const options = {
    level,
    base: { service },
    redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`]), remove: true },
    hooks: {
      logMethod(this: Logger, args: Parameters<Logger["info"]>, method: Logger["info"]) {
        const [line] = args as unknown[];
        if (typeof line === "object" && line !== null && "event" in line)
          events.of(String(line.event)).value += 1;
        method.apply(this, args);
      },
    },
  };
  return { log: write ? pino(options, { write }) : pino(options), events };
}
