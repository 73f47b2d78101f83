import { join } from "node:path";
import { ROOT } from "../../../stack/layout.ts";
import { thisMachine } from "../kept.ts";
import type { Machine } from "../kept-figures.ts";
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

/** Writes the figures. A measurement not made this time keeps its old figure. */
export async function keep(measured: Partial<Results>): Promise<void> {
  const before = (await readKept())?.results;
  const kept: Kept = {
    machine: await thisMachine(),
    date: new Date().toISOString().slice(0, 10),
    results: { ...before, ...measured },
  };
  await Bun.write(FILE, `${JSON.stringify(kept, rounded, 2)}\n`);
}

/** One run supports three digits; whole numbers stay whole. */
function rounded(_key: string, value: unknown): unknown {
  if (typeof value !== "number" || Number.isInteger(value)) return value;
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
