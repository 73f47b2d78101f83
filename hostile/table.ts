import Table from "cli-table3";
import pc from "picocolors";
import type { Tried } from "./fuzz/try-route.ts";

/** The routes with what came back, and below it what was found. */
export function triedText(all: Tried[], seed: number): string {
  const table = new Table({
    head: ["", "route", "inputs", "s", "answers"].map((title) => pc.bold(title)),
    style: { head: [], border: [], compact: true },
    colAligns: ["left", "left", "right", "right", "left"],
    colWidths: [8, 38, 9, 7, 60],
    wordWrap: true,
  });
  for (const { service, route, runs, tookMs, answers } of all)
    table.push([service, route, runs, (tookMs / 1_000).toFixed(1), answersText(answers)]);
  const found = all.flatMap(({ service, route, failure }) =>
    failure ? [`${service} ${route}: ${failure}`] : [],
  );
  return [table.toString(), ...found.map((line) => pc.red(line)), summary(all, found.length, seed)].join(
    "\n",
  );
}

function answersText(answers: Record<string, number>): string {
  return Object.entries(answers)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

function summary(all: Tried[], found: number, seed: number): string {
  const runs = all.reduce((sum, tried) => sum + tried.runs, 0);
  const text = `${runs} inputs to ${all.length} routes, seed ${seed}`;
  return found === 0
    ? pc.green(`${text}: every answer is one of the contract`)
    : pc.red(`${text}: ${found} routes answered otherwise`);
}
