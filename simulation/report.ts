import Table from "cli-table3";
import pc from "picocolors";
import type { Explored } from "./explore.ts";
import type { Hunted } from "./hunt.ts";
import type { Walked } from "./walk.ts";

/** One line for a walk, and what to do where it found something. */
export function walkedText({ worlds, steps, breach }: Walked, tookMs: number): string {
  const rate = Math.round(steps / (tookMs / 1_000));
  const figures = `${count(steps)} steps in ${count(worlds)} worlds, ${count(rate)} steps/s`;
  if (!breach) return `${pc.green("✓")} every guarantee held: ${figures}`;
  return [
    `${pc.red("✖")} ${breach.guarantee} is broken in the world of seed ${breach.seed}: ${breach.what}`,
    `  after ${figures}`,
    `  step by step: npm run simulate -- --seed ${breach.seed} --trace`,
  ].join("\n");
}

/** A row for each mutant, and one line that says whether all were found. */
export function huntedText(hunted: Hunted[]): string {
  const table = new Table({ head: ["mistake", "file", "seed", "broke"], style: { head: [], border: [] } });
  for (const { mutant, breach, seed, asWritten } of hunted) {
    const verdict = breach
      ? asWritten
        ? pc.green(breach.guarantee)
        : pc.yellow(breach.guarantee)
      : pc.red("survived");
    table.push([mutant.name, mutant.file, breach?.seed ?? seed, verdict]);
  }
  const missed = hunted.filter(({ asWritten }) => !asWritten).length;
  const last =
    missed === 0
      ? `${pc.green("✓")} all ${hunted.length} planted mistakes are found`
      : `${pc.red("✖")} ${missed} of ${hunted.length} planted mistakes are not found as written: npm run simulate -- --mutants --renew`;
  return `${table.toString()}\n${last}`;
}

/** A row for each small world. */
export function exploredText(worlds: Explored[]): string {
  const table = new Table({
    head: ["small world", "states", "steps", "ends", "seconds", ""],
    style: { head: [], border: [] },
  });
  for (const { name, states, steps, ends, tookMs, breach, complete } of worlds) {
    const verdict = breach ? pc.red(breach.message) : complete ? pc.green("complete") : pc.yellow("cut off");
    table.push([name, count(states), count(steps), count(ends), (tookMs / 1_000).toFixed(1), verdict]);
  }
  return table.toString();
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
