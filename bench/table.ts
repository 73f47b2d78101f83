import Table from "cli-table3";
import pc from "picocolors";
import type { Measured } from "./verdict.ts";

/** The stages, one a line: what was measured, the share of its ceiling, and whether that is enough. */
export function benchText(measured: Measured[]): string {
  const titles = ["stage", "a second", "ceiling", "a second", "ratio", "rounds", "at least", "kept", ""];
  const table = new Table({
    head: titles.map((title) => pc.bold(title)),
    // Colours of its own would ignore NO_COLOR and pipes.
    style: { head: [], border: [], compact: true },
    colAligns: ["left", "right", "left", "right", "right", "right", "right", "right", "left"],
  });
  for (const one of measured) {
    table.push([
      one.stage,
      one.oursPerS.toLocaleString("en"),
      one.ceiling,
      one.barePerS.toLocaleString("en"),
      pc.bold(one.ratio.toFixed(2)),
      `${one.lowest.toFixed(2)}–${one.highest.toFixed(2)}`,
      one.atLeast.toFixed(2),
      one.kept?.toFixed(2) ?? "",
      one.verdict === "reached" ? pc.green(one.verdict) : pc.red(one.verdict),
    ]);
  }
  return table.toString();
}
