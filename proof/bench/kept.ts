import { join } from "node:path";
import { ROOT } from "../../stack/layout.ts";
import { type Machine, thisMachine, today } from "./machine.ts";
import type { Measured } from "./verdict.ts";

const FILE = join(ROOT, "proof/bench", "kept.json");

/** The figures that later runs on such a machine are compared with, as `--keep` wrote them. */
export interface Kept {
  machine: Machine;
  date: string;
  stages: Measured[];
}

/**
 * The figures kept last on a machine like this one; undefined if none exist. Another processor has
 * other ratios: with hashes in hardware, for example, a token's check takes half the time and the
 * work around it the same.
 */
export async function readKept(): Promise<Kept | undefined> {
  const here = await thisMachine();
  return (await readAll()).find(({ machine }) => isLike(machine, here));
}

/**
 * Writes figures for later runs, and returns all that are kept of this machine. A stage not
 * measured this time keeps its old figure.
 */
export async function keep(measured: Measured[]): Promise<Kept> {
  const machine = await thisMachine();
  const others = (await readAll()).filter((one) => !isLike(one.machine, machine));
  const stages = new Map((await readKept())?.stages.map((one) => [one.stage, one]));
  for (const one of measured) stages.set(one.stage, { ...one, kept: undefined });
  const kept = { machine, date: today(), stages: [...stages.values()] };
  await Bun.write(FILE, `${JSON.stringify([kept, ...others], null, 2)}\n`);
  return kept;
}

/** The kept figures of every machine, the last one first. */
async function readAll(): Promise<Kept[]> {
  const file = Bun.file(FILE);
  return (await file.exists()) ? ((await file.json()) as Kept[]) : [];
}

function isLike(one: Machine, other: Machine): boolean {
  return one.model === other.model && one.cpus === other.cpus;
}
