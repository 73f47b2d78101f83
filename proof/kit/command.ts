import { type Interrupts, listenToInterrupts } from "../../stack/interrupts.ts";
import { openProgress, type Progress } from "./progress.ts";

/** Exit codes of every proving command. */
export const HELD = 0;
export const BROKEN = 1;
export const NOT_RUN = 2;
const INTERRUPTED = 130;

export interface Running extends Progress {
  interrupts: Interrupts;
}

export interface ProvingCommand<Options> {
  /** as it is called: `npm run NAME` */
  name: string;
  usage: string;
  /** Reads the arguments; throws an error that says in one line what is wrong with them. */
  read(args: string[]): Options;
  /** Gives the exit code. Throws where the run could not be made. */
  run(options: Options, running: Running): Promise<number>;
  /** another exit code than 2 for a run that could not be made */
  codeOf?(error: unknown): number | undefined;
}

/**
 * Runs a proving command with this process' arguments, and ends the process: 0 everything held,
 * 1 something did not, 2 the run could not be made, 130 it was interrupted.
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

/** Work that ends by itself, or is left when the user interrupts. */
export async function untilInterrupted<T>(work: Promise<T>, { stop }: Interrupts): Promise<T> {
  const interrupted = new Promise<never>((_, reject) => {
    if (stop.aborted) reject(new Error("interrupted"));
    stop.addEventListener("abort", () => reject(new Error("interrupted")), { once: true });
  });
  return await Promise.race([work, interrupted]);
}
