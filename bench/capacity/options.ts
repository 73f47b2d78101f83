import { parseArgs } from "node:util";
import { type MeasurementName, measurementNames } from "./measurements.ts";

export interface CapacityOptions {
  names: MeasurementName[];
  json: boolean;
  /** write the figures down, and the tables of the capacity guide anew */
  keep: boolean;
}

export const usage = [
  "usage: npm run capacity -- [NAME …] [--json] [--keep]",
  `  NAME    the beginning of a measurement's name, or growth; all of them where none is named:`,
  `          ${measurementNames.join(", ")}`,
  "  --keep  writes the figures into bench/capacity/last.json and the tables of docs/capacity.md anew",
].join("\n");

/** Reads the command line. Throws an error that says in one line what is wrong with it. */
export function readCommandLine(args: string[]): CapacityOptions {
  const { values, positionals } = parseArgs({
    args,
    options: { json: { type: "boolean", default: false }, keep: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const starts = positionals.map((name) => name.toLowerCase());
  const unknown = starts.find((start) => !measurementNames.some((name) => isMeant(name, start)));
  if (unknown !== undefined) throw new Error(`no measurement begins with ${unknown}`);
  const names = measurementNames.filter(
    (name) => starts.length === 0 || starts.some((start) => isMeant(name, start)),
  );
  return { names, json: values.json, keep: values.keep };
}

const GROWTH = /^(students|lectures|partitions)-/;

function isMeant(name: MeasurementName, start: string): boolean {
  return start === "growth" ? GROWTH.test(name) : name.startsWith(start);
}
