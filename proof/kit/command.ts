import { type Interrupts, listenToInterrupts } from "../../stack/interrupts.ts";
import { openProgress, type Progress } from "./progress.ts";

/** The exit codes of every proving command. */
export const HELD = 0;
export const BROKEN = 1;
const NOT_RUN = 2;
const INTERRUPTED = 130;

export interface Running extends Progress {
  interrupts: Interrupts;
}

export interface ProvingCommand<Options> {
  /** the NAME of `npm run NAME` */
  name: string;
  usage: string;
  /** Reads the arguments. Throws an error that names the mistake in one line. */
  read(args: string[]): Options;
  /** Returns the exit code. Throws if the run could not be made. */
  run(options: Options, running: Running): Promise<number>;
  /** the exit code of a run that could not be made, if not 2 */
  codeOf?(error: unknown): number | undefined;
}

/**
 * Runs a proving command with the arguments of this process, and ends the process. Exit codes: 0
 * every promise held, 1 a promise broke, 2 the run could not be made, 130 interrupted.
 */
export async function runCommand<Options>(command: ProvingCommand<Options>): Promise<never> {
  const interrupts = listenToInterrupts();
  const progress = openProgress();
  try {
    const options = readArguments(command);
    process.exit(await command.run(options, { interrupts, ...progress }));
  } catch (error) {
    progress.end();
    if (interrupts.stop.aborted) {
      console.error("interrupted: everything that was started has been stopped");
      process.exit(INTERRUPTED);
    }
    console.error(`${command.name}: ${error instanceof Error ? error.message : error}`);
    process.exit(command.codeOf?.(error) ?? NOT_RUN);
  }
}

function readArguments<Options>({ read, usage }: ProvingCommand<Options>): Options {
  try {
    return read(process.argv.slice(2));
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

/** Awaits the work, or rejects at the user's interrupt. */
export async function untilInterrupted<T>(
  work: Promise<T>,
  { stop }: Pick<Interrupts, "stop">,
): Promise<T> {
  const interrupted = new Promise<never>((_, reject) => {
    if (stop.aborted) reject(new Error("interrupted"));
    stop.addEventListener("abort", () => reject(new Error("interrupted")), { once: true });
  });
  return await Promise.race([work, interrupted]);
}
