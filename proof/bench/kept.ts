import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../stack/layout.ts";
import type { Kept, Machine } from "./kept-figures.ts";
import { writePage } from "./page.ts";
import type { Measured } from "./verdict.ts";

const FILE = join(ROOT, "proof/bench", "kept.json");

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
 * Writes figures for later runs and on the page. A stage not measured this time keeps its old
 * figure.
 */
export async function keep(measured: Measured[]): Promise<void> {
  const machine = await thisMachine();
  const others = (await readAll()).filter((one) => !isLike(one.machine, machine));
  const before = (await readKept())?.stages ?? [];
  const fresh = new Map(measured.map((one) => [one.stage, { ...one, kept: undefined }]));
  const stages = before.map((one) => fresh.get(one.stage) ?? one);
  for (const { stage } of before) fresh.delete(stage);
  const kept: Kept = {
    machine,
    date: new Date().toISOString().slice(0, 10),
    stages: [...stages, ...fresh.values()],
  };
  await Bun.write(FILE, `${JSON.stringify([kept, ...others], null, 2)}\n`);
  await writePage(kept);
}

/** The kept figures of every machine, the last one first. */
async function readAll(): Promise<Kept[]> {
  const file = Bun.file(FILE);
  return (await file.exists()) ? ((await file.json()) as Kept[]) : [];
}

function isLike(one: Machine, other: Machine): boolean {
  return one.model === other.model && one.cpus === other.cpus;
}

export async function thisMachine(): Promise<Machine> {
  const release = await Bun.file("/etc/os-release").text();
  return {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? "",
    memoryGb: Math.round(totalmem() / 1_073_741_824),
    system: /PRETTY_NAME="([^"]+)"/.exec(release)?.[1] ?? "",
  };
}
