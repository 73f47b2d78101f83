/** What went wrong, for the operator: `internal` is a fault of ours, `degraded` a part that did not answer. */
export type LoggedEvent = "internal" | "degraded";

/** At most one line of each kind in this time: a part that is down fails every request, and the log must not fall with it. */
const QUIET_MS = 1_000;

const last = new Map<string, { atMs: number; unlogged: number }>();

/**
 * Writes one JSON line about a failure. It holds no header, no body and no command, hence no token and no key; `what` is a short
 * fixed name, by which repeated lines are held back and counted.
 */
export function logFailure(event: LoggedEvent, what: string, requestId: string, error: unknown): void {
  const kind = `${event} ${what}`;
  const previous = last.get(kind);
  const nowMs = Date.now();
  if (event === "degraded" && previous && nowMs - previous.atMs < QUIET_MS) {
    previous.unlogged += 1;
    return;
  }
  last.set(kind, { atMs: nowMs, unlogged: 0 });
  const line = { level: "error", time: new Date(nowMs).toISOString(), event, what, requestId };
  console.error(JSON.stringify({ ...line, ...describe(error), unlogged: previous?.unlogged ?? 0 }));
}

/** The Redis client ends its messages with the whole command, which holds users and reservation ids. */
const COMMAND_TEXT = /,? command was: .*$/s;

const MESSAGE_LENGTH_MAX = 300;

function describe(error: unknown): { error: string; message: string; stack?: string[] } {
  if (!(error instanceof Error)) return { error: typeof error, message: "" };
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s*at /.test(line));
  return {
    error: error.name,
    message: error.message.replace(COMMAND_TEXT, "").slice(0, MESSAGE_LENGTH_MAX),
    stack: frames.slice(0, 8).map((line) => line.trim()),
  };
}
