import pc from "picocolors";
import { tableText } from "../kit/table.ts";
import type { Tried } from "./fuzz/try-route.ts";

/** The routes with their answers, and the findings below. */
export function triedText(all: Tried[], seed: number): string {
  const rows = all.map(({ service, route, runs, tookMs, answers }) => [
    service,
    route,
    runs,
    (tookMs / 1_000).toFixed(1),
    answersText(answers),
  ]);
  const form = { left: [0, 1, 4], widths: [8, 38, 9, 7, 60] };
  const table = tableText(["", "route", "inputs", "s", "answers"], rows, form);
  const found = all.flatMap(({ service, route, failure }) =>
    failure ? [`${service} ${route}: ${failure}`] : [],
  );
  return [table, ...found.map((line) => pc.red(line)), summary(all, found.length, seed)].join("\n");
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
