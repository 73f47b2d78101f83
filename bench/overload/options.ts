import { parseArgs } from "node:util";

export interface OverloadOptions {
  /** how long more is asked than can be done */
  seconds: number;
  /** how many times the peak is offered */
  times: number;
  /** clients, each with a connection and one request under way */
  clients: number;
  json: boolean;
}

export const usage = "usage: npm run overload -- [--seconds 60] [--times 10] [--clients 2000] [--json]";

/** Reads the command line. Throws an error that says in one line what is wrong with it. */
export function readCommandLine(args: string[]): OverloadOptions {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: "string", default: "60" },
      times: { type: "string", default: "10" },
      clients: { type: "string", default: "2000" },
      json: { type: "boolean", default: false },
    },
  });
  return {
    seconds: whole("seconds", values.seconds, 3, 3_600),
    times: whole("times", values.times, 1, 100),
    clients: whole("clients", values.clients, 512, 10_000),
    json: values.json,
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new Error(`--${name} ${text}: a whole number from ${min} to ${max}`);
}
