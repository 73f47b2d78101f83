import pc from "picocolors";
import { tableText } from "../kit/table.ts";
import type { Explored } from "./explore.ts";
import type { Hunted } from "./hunt.ts";
import type { Walked } from "./walk.ts";

/** One line for a walk, and the next steps after a finding. */
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

/** A row per mutant, and one summary line. */
export function huntedText(hunted: Hunted[]): string {
  const rows = hunted.map(({ name, file, breach, seed, asWritten }) => [
    name,
    file,
    breach?.seed ?? seed,
    breach ? (asWritten ? pc.green : pc.yellow)(breach.guarantee) : pc.red("survived"),
  ]);
  const table = tableText(["mistake", "file", "seed", "broke"], rows, { left: [0, 1, 3] });
  const stale = hunted.filter(({ breach, asWritten }) => breach && !asWritten).length;
  const survived = hunted.filter(({ breach }) => !breach).length;
  return [
    table,
    ...(stale > 0
      ? [pc.yellow(`${stale} seeds are stale: npm run simulate -- --mutants --renew`)]
      : []),
    survived === 0
      ? `${pc.green("✓")} all ${hunted.length} planted mistakes are found`
      : `${pc.red("✖")} ${survived} of ${hunted.length} planted mistakes survive`,
  ].join("\n");
}

/** A row per small world. */
export function exploredText(worlds: Explored[]): string {
  const rows = worlds.map(({ name, states, steps, ends, tookMs, breach, complete }) => [
    name,
    ...[states, steps, ends].map(count),
    (tookMs / 1_000).toFixed(1),
    breach ? pc.red(breach.message) : complete ? pc.green("complete") : pc.yellow("cut off"),
  ]);
  const titles = ["small world", "states", "steps", "ends", "seconds", ""];
  return tableText(titles, rows, { left: [0, 5] });
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
