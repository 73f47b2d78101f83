import pino, { type Logger } from "pino";
import { createCount, createCounter, type Family } from "../metrics/family.ts";
import { openLogLines } from "./log-lines.ts";

export interface LogOptions {
  service: "origin" | "worker" | "redis-http";
  level: string;
  /** where the lines go; standard output by default */
  write?: (line: string) => void;
}

/**
 * Fields that no line may hold, from any source. mysql2 puts the whole statement into its errors,
 * with the values of every row. The other names are of secrets and of users, which our code never
 * logs.
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

/** The log of a service. */
export interface ServiceLog {
  /** writes JSON lines; never throws, even for lost lines */
  log: Logger;
  /** how often each event was written, and how many lines were lost */
  families: Family[];
}

/**
 * Opens the log of a service. A full disk or a lost reader loses lines, which are counted. The
 * service goes on.
 */
export function openLog({ service, level, write }: LogOptions): ServiceLog {
  const events = createCounter(
    "lectern_log_events_total",
    "Lines written to the log, from LOG_LEVEL on, by event; failure-modes.md explains each.",
    ["event"],
  );
  const lost = createCount(
    "lectern_log_lines_lost_total",
    "Lines that the log's disk or reader did not take.",
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
  const lines = () => openLogLines({ tellLoss: lossOf(service), onLost: () => (lost.value += 1) });
  return { log: pino(options, { write: write ?? lines() }), families: [events, lost] };
}

function lossOf(service: string): (lines: number) => string {
  return (lines) => {
    const loss = { event: "log_lines_lost", lines };
    return JSON.stringify({
      level: 40,
      time: Date.now(),
      service,
      ...loss,
      msg: "lines of this log were lost",
    });
  };
}
