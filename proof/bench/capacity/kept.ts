import { join } from "node:path";
import { ROOT } from "../../../stack/layout.ts";
import { type Machine, thisMachine, today } from "../machine.ts";
import type { Results } from "./measurements.ts";

/** The figures behind the guide's tables. */
export interface Kept {
  machine: Machine;
  /** the day of the newest figure */
  date: string;
  results: Partial<Results>;
}

const FILE = join(ROOT, "proof/bench", "capacity", "last.json");

/** The figures kept last; undefined if none exist. */
export async function readKept(): Promise<Kept | undefined> {
  const file = Bun.file(FILE);
  return (await file.exists()) ? ((await file.json()) as Kept) : undefined;
}

/**
 * Writes the figures, and returns all that are kept as written, rounded: tables can be rewritten
 * from them at any time. A measurement not made this time keeps its old figure.
 */
export async function keep(measured: Partial<Results>): Promise<Kept> {
  const results = { ...(await readKept())?.results, ...measured };
  const kept = { machine: await thisMachine(), date: today(), results };
  const text = JSON.stringify(kept, rounded, 2);
  await Bun.write(FILE, `${text}\n`);
  return JSON.parse(text);
}

/** One run supports three digits; whole numbers stay whole. */
function rounded(_key: string, value: unknown): unknown {
  if (typeof value !== "number" || Number.isInteger(value)) return value;
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
