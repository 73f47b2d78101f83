import { describeEnding, type Launch, launch, signalGroup } from "./processes.ts";
import { complaintIn } from "./program-log.ts";
import { StackError } from "./stack-error.ts";

const ENDS_WITHIN_MS = 5_000;

export interface ToolOptions {
  log: string;
  /** ends the tool; its reason is thrown once the tool has ended */
  signal: AbortSignal;
  /** for a tool that must not be cut short: SIGINT asks it to end, and the wait has no limit */
  finishes?: boolean;
}

/**
 * Runs a program to its end, with its output in `log`. Throws StackError that names the log when
 * the program fails.
 */
export async function runTool(
  what: Launch,
  { log, signal, finishes = false }: ToolOptions,
): Promise<void> {
  signal.throwIfAborted();
  const child = launch(what, log);
  let killTimer: Timer | undefined;
  const onAbort = () => {
    signalGroup(child.id, finishes ? "SIGINT" : "SIGTERM");
    if (!finishes) killTimer = setTimeout(() => signalGroup(child.id, "SIGKILL"), ENDS_WITHIN_MS);
  };
  signal.addEventListener("abort", onAbort);
  const ending = await child.ended;
  signal.removeEventListener("abort", onAbort);
  clearTimeout(killTimer);
  signal.throwIfAborted();
  if (ending === 0) return;
  const name = what.command[0].split("/").at(-1);
  throw new StackError(`${name} ${describeEnding(ending)}: ${complaintIn(child.output)}`);
}
