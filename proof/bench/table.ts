import pc from "picocolors";
import { tableText } from "../kit/table.ts";
import type { Measured } from "./verdict.ts";

const TITLES = [
  "stage",
  "a second",
  "ceiling",
  "a second",
  "ratio",
  "rounds",
  "at least",
  "kept",
  "",
];

/** The stages, one per line: the measured figure, its share of the ceiling, and the verdict. */
export function benchText(measured: Measured[]): string {
  return tableText(TITLES, measured.map(rowOf), { left: [0, 2, 8] });
}

function rowOf(one: Measured): string[] {
  return [
    one.stage,
    one.oursPerS.toLocaleString("en"),
    one.ceiling,
    one.barePerS.toLocaleString("en"),
    pc.bold(one.ratio.toFixed(2)),
    `${one.lowest.toFixed(2)}–${one.highest.toFixed(2)}`,
    one.atLeast.toFixed(2),
    one.kept?.toFixed(2) ?? "",
    one.verdict === "reached" ? pc.green(one.verdict) : pc.red(one.verdict),
  ];
}
