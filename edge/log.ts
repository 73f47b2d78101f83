import { createCounter } from "../runtime/metrics/family.ts";

/**
 * The kind of a failure: `internal` is a fault of the edge, `degraded` a part that did not answer.
 */
export type LoggedEvent = "internal" | "degraded";

/** How often each event happened, including lines held back. */
export const loggedEvents = createCounter(
  "lectern_log_events_total",
  "Log events by name, held-back lines included; failure-modes.md explains each.",
  ["event"],
);

/**
 * The interval in which a kind gets one line at most, in milliseconds. A part that is down fails
 * every request, and must not fail the log.
 */
const QUIET_MS = 1_000;

const last = new Map<string, { atMs: number; unlogged: number }>();

/**
 * Writes one JSON line about a failure: no header, body or command, and so no token or key. `what`
 * is a fixed name. The lines of a part that is down are held back and counted by name; internal
 * faults are all written.
 */
export function logFailure(
  event: LoggedEvent,
  what: string,
  requestId: string,
  error: unknown,
): void {
  loggedEvents.of(event).value += 1;
  const unlogged = event === "degraded" ? takeTurn(what) : 0;
  if (unlogged === undefined) return;
  const line = { level: "error", time: new Date().toISOString(), event, what, requestId, unlogged };
  write({ ...line, ...describe(error) });
}

/**
 * Writes that a server behind the edge is down, and gets one request a second, or that it answers
 * again.
 */
export function logBreaker(server: string, isOpen: boolean): void {
  const time = new Date().toISOString();
  const line = isOpen ? { event: "breaker_opened" } : { event: "breaker_closed" };
  loggedEvents.of(line.event).value += 1;
  write({ level: isOpen ? "error" : "info", time, ...line, server });
}

/** Writes where the edge listens, once at the start. */
export function logListening(url: string): void {
  write({ level: "info", event: "listening", url }, "log");
}

/** On Deno a full disk makes console throw. A lost line must not cost an answer. */
function write(line: object, to: "error" | "log" = "error"): void {
  try {
    console[to](JSON.stringify(line));
  } catch {
    // There is no other place to report it.
  }
}

/**
 * Writes that the header gave no client address: its number of words, and the number of proxies
 * that should add one. Any client may have written its content, so the line omits it.
 */
export function logUnreadableAddress(facts: { header: string; words: number; hops: number }): void {
  const line = { event: "address_unreadable" };
  loggedEvents.of(line.event).value += 1;
  console.error(
    JSON.stringify({ level: "error", time: new Date().toISOString(), ...line, ...facts }),
  );
}

/**
 * How many lines were held back since the last written line; undefined if this one is held back
 * too.
 */
function takeTurn(what: string): number | undefined {
  const previous = last.get(what);
  const nowMs = performance.now();
  if (previous && nowMs - previous.atMs < QUIET_MS) {
    previous.unlogged += 1;
    return undefined;
  }
  last.set(what, { atMs: nowMs, unlogged: 0 });
  return previous?.unlogged ?? 0;
}

const MESSAGE_LENGTH_MAX = 300;

function describe(error: unknown): { error: string; message: string; stack?: string[] } {
  if (!(error instanceof Error)) return { error: typeof error, message: "" };
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s*at /.test(line));
  return {
    error: error.name,
    message: error.message.slice(0, MESSAGE_LENGTH_MAX),
    stack: frames.slice(0, 8).map((line) => line.trim()),
  };
}
