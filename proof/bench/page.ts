import { join } from "node:path";
import { ROOT } from "../../stack/layout.ts";
import type { Kept } from "./kept-figures.ts";

const FILE = join(ROOT, "proof/bench", "README.md");
const [BEGIN, END] = ["<!-- kept figures -->", "<!-- end of kept figures -->"];

/**
 * Writes the kept figures into proof/bench/README.md, as a table. Throws if the page has no place
 * for them.
 */
export async function writePage(kept: Kept): Promise<void> {
  const page = await Bun.file(FILE).text();
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`proof/bench/README.md has no ${BEGIN} … ${END}`);
  await Bun.write(
    FILE,
    `${page.slice(0, begin + BEGIN.length)}\n${pageText(kept)}\n${page.slice(end)}`,
  );
}

function pageText({ machine, date, stages }: Kept): string {
  const { cpus, model, memoryGb, system } = machine;
  const rows = stages.map(
    ({ stage, oursPerS, ceiling, barePerS, ratio, lowest, highest, atLeast }) =>
      `| ${stage} | ${whole(oursPerS)} | ${ceiling} | ${whole(barePerS)} | **${ratio.toFixed(2)}** | ${lowest.toFixed(2)}–${highest.toFixed(2)} | ${atLeast.toFixed(2)} |`,
  );
  return [
    `${date}, ${cpus} cores (${model}), ${memoryGb} GB, ${system}:`,
    "",
    "| stage | a second | ceiling | a second | ratio | rounds | at least |",
    "|---|--:|---|--:|--:|--:|--:|",
    ...rows,
  ].join("\n");
}

function whole(rate: number): string {
  return rate.toLocaleString("en");
}
