import { flag, readOnlyOptions, whole } from "../../kit/options.ts";

export interface OverloadOptions {
  /** the duration of the overload */
  seconds: number;
  /** the offered multiple of the peak */
  times: number;
  /** clients, each with a connection and one request under way */
  clients: number;
  json: boolean;
}

export const usage =
  "usage: npm run overload -- [--seconds 60] [--times 10] [--clients 2000] [--json]";

/** Reads the command line. Throws an error that names the mistake in one line. */
export function readCommandLine(args: string[]): OverloadOptions {
  return readOnlyOptions(args, {
    seconds: whole(60, 3, 3_600),
    times: whole(10, 1, 100),
    clients: whole(2_000, 512, 10_000),
    json: flag,
  });
}
