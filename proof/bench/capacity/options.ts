import { flag, readOptions } from "../../kit/options.ts";
import { type MeasurementName, measurementNames } from "./measurements.ts";

export interface CapacityOptions {
  names: MeasurementName[];
  json: boolean;
  /** write the figures, and rewrite the tables of the capacity guide */
  keep: boolean;
  /** measure nothing; only rewrite the tables from the kept figures */
  tables: boolean;
}

export const usage = [
  "usage: npm run capacity -- [NAME …] [--json] [--keep] [--tables]",
  `  NAME      the beginning of a measurement's name, or growth; all of them where none is named:`,
  `            ${measurementNames.join(", ")}`,
  "  --keep    writes the figures into proof/bench/capacity/last.json and the tables of docs/capacity.md anew",
  "  --tables  measures nothing and writes those tables anew from the figures that are kept",
].join("\n");

/** Reads the command line. Throws an error that names the mistake in one line. */
export function readCommandLine(args: string[]): CapacityOptions {
  const { options, words } = readOptions(args, { json: flag, keep: flag, tables: flag });
  const meant = words.flatMap((given) => meantBy(given.toLowerCase()));
  const names = measurementNames.filter((name) => words.length === 0 || meant.includes(name));
  return { names, ...options };
}

const GROWTH = /^(students|lectures|partitions)-/;

/** A whole name means that measurement alone, even if others begin with it. */
function meantBy(given: string): MeasurementName[] {
  const names = measurementNames.filter((name) =>
    given === "growth" ? GROWTH.test(name) : name.startsWith(given),
  );
  if (names.length === 0) throw new Error(`no measurement begins with ${given}`);
  const exact = names.filter((name) => name === given);
  return exact.length > 0 ? exact : names;
}
