import { describeEnding, type Launch, launch, stop } from "./processes.ts";
import { complaintIn } from "./program-log.ts";
import { StackError } from "./stack-error.ts";

/**
 * Runs a program to its end, with its output in `log`. Throws StackError that names the log when it fails; on abort it is
 * ended first, and the reason of the signal is thrown.
 */
export async function runTool(what: Launch, log: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const child = launch(what, log);
  const onAbort = () => stop(child.id, 5_000, signal);
  signal.addEventListener("abort", onAbort);
  const ending = await child.ended;
  signal.removeEventListener("abort", onAbort);
  signal.throwIfAborted();
  if (ending === 0) return;
  const name = what.command[0].split("/").at(-1);
  throw new StackError(`${name} ${describeEnding(ending)}: ${complaintIn(child.output)}`);
}
