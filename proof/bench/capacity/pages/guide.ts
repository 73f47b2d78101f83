import { join } from "node:path";
import { ROOT } from "../../../../stack/layout.ts";
import type { Kept } from "../kept.ts";
import { tightestText } from "./hot-sheets.ts";
import { type Language, type Sheet, textOf } from "./sheet.ts";
import { sheetsOf } from "./sheets.ts";

export const PAGES: Record<Language, string> = {
  en: join(ROOT, "docs", "capacity.md"),
  zh: join(ROOT, "docs", "capacity.zh-CN.md"),
};

/** Rewrites the tables of the capacity guide in both languages, from the kept figures. */
export async function writeGuide(kept: Kept): Promise<void> {
  for (const [language, path] of Object.entries(PAGES) as [Language, string][]) {
    await Bun.write(path, withTables(await Bun.file(path).text(), blocksOf(kept, language)));
  }
}

/** The text between the marks of one name. */
export interface Block {
  name: string;
  text: string;
}

/** Every part of a page that follows from figures. */
export function blocksOf(kept: Kept, language: Language): Block[] {
  const tables = sheetsOf(kept.results).map((sheet) => ({
    name: sheet.name,
    text: markdownTable(sheet, language),
  }));
  const { hot } = kept.results;
  return [
    { name: "machine", text: machineLine(kept)[language] },
    ...tables,
    ...(hot ? [{ name: "tightest", text: tightestText(hot)[language] }] : []),
  ];
}

/**
 * Returns a page with these blocks between their marks, `<!-- table: NAME -->` and `<!-- end -->`.
 * Throws if a block has no place in the page: every measured figure is shown.
 */
export function withTables(page: string, blocks: Block[]): string {
  return blocks.reduce((text, { name, text: block }) => {
    const marks = new RegExp(`(<!-- table: ${name} -->\n)[^]*?(<!-- end -->)`);
    if (!marks.test(text)) throw new Error(`the capacity guide has no place for the table ${name}`);
    return text.replace(marks, (_, begin: string, end: string) => `${begin}\n${block}\n\n${end}`);
  }, page);
}

function markdownTable({ head, rows }: Sheet, language: Language): string {
  const line = (cells: Sheet["head"]) =>
    `| ${cells.map((cell) => textOf(cell, language)).join(" | ")} |`;
  const rule = `|${head.map((_, at) => (at === 0 ? "---" : "--:")).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

function machineLine({ machine, date }: Kept): Record<Language, string> {
  const { cpus, memoryGb, system, model } = machine;
  return {
    en: `Measured on a virtual machine of ${cpus} cores (${model}) and ${memoryGb} GB, ${system}; ${date}.`,
    zh: `测量环境：${cpus} 核（${model}）、${memoryGb} GB 的虚拟机，${system}；${date}。`,
  };
}
