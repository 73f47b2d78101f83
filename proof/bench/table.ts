import { join } from "node:path";
import pc from "picocolors";
import { ROOT } from "../../stack/layout.ts";
import { tableText } from "../kit/table.ts";
import type { Kept } from "./kept.ts";
import { markdownTable, writeBlocks } from "./markdown.ts";
import type { Measured } from "./verdict.ts";

const PAGE = join(ROOT, "proof/bench", "README.md");
const TITLES = ["stage", "a second", "ceiling", "a second", "ratio", "rounds", "at least"];

/** The stages, one per line: the measured figure, its share of the ceiling, and the verdict. */
export function benchText(measured: Measured[]): string {
  const rows = measured.map((one) => [
    ...figuresOf(one, pc.bold),
    one.kept?.toFixed(2) ?? "",
    one.verdict === "reached" ? pc.green(one.verdict) : pc.red(one.verdict),
  ]);
  return tableText([...TITLES, "kept", ""], rows, { left: [0, 2, 8] });
}

/** Writes the kept figures into proof/bench/README.md. */
export async function writePage({ machine, date, stages }: Kept): Promise<void> {
  const { cpus, model, memoryGb, system } = machine;
  const rows = stages.map((one) => figuresOf(one, (ratio) => `**${ratio}**`));
  const text = [
    `${date}, ${cpus} cores (${model}), ${memoryGb} GB, ${system}:`,
    markdownTable(TITLES, rows, [0, 2]),
  ].join("\n\n");
  await writeBlocks(PAGE, [{ name: "kept", text }]);
}

function figuresOf(one: Measured, bold: (text: string) => string): string[] {
  return [
    one.stage,
    one.oursPerS.toLocaleString("en"),
    one.ceiling,
    one.barePerS.toLocaleString("en"),
    bold(one.ratio.toFixed(2)),
    `${one.lowest.toFixed(2)}–${one.highest.toFixed(2)}`,
    one.atLeast.toFixed(2),
  ];
}
