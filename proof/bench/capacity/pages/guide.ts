import { join } from "node:path";
import { ROOT } from "../../../../stack/layout.ts";
import { type Block, markdownTable, writeBlocks } from "../../markdown.ts";
import type { Kept } from "../kept.ts";
import { tightestText } from "./hot-sheets.ts";
import { type Cell, type Language, textOf } from "./sheet.ts";
import { sheetsOf } from "./sheets.ts";

export const PAGES: Record<Language, string> = {
  en: join(ROOT, "docs", "capacity.md"),
  zh: join(ROOT, "docs", "capacity.zh-CN.md"),
};

/** Rewrites the tables of the capacity guide in both languages, from the kept figures. */
export async function writeGuide(kept: Kept): Promise<void> {
  for (const [language, path] of Object.entries(PAGES) as [Language, string][]) {
    await writeBlocks(path, blocksOf(kept, language));
  }
}

/** Every part of a page that follows from figures. */
export function blocksOf(kept: Kept, language: Language): Block[] {
  const textsOf = (cells: Cell[]) => cells.map((cell) => textOf(cell, language));
  const tables = sheetsOf(kept.results).map(({ name, head, rows }) => ({
    name,
    text: markdownTable(textsOf(head), rows.map(textsOf)),
  }));
  const { hot } = kept.results;
  return [
    { name: "machine", text: machineLine(kept)[language] },
    ...tables,
    ...(hot ? [{ name: "tightest", text: tightestText(hot)[language] }] : []),
  ];
}

function machineLine({ machine, date }: Kept): Record<Language, string> {
  const { cpus, memoryGb, system, model } = machine;
  return {
    en: `Measured on a virtual machine of ${cpus} cores (${model}) and ${memoryGb} GB, ${system}; ${date}.`,
    zh: `测量环境：${cpus} 核（${model}）、${memoryGb} GB 的虚拟机，${system}；${date}。`,
  };
}
