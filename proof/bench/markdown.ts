/** A table with left-aligned columns, by default the first, and right-aligned others. */
export function markdownTable(head: string[], rows: string[][], left = [0]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const rule = `|${head.map((_, at) => (left.includes(at) ? "---" : "--:")).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** The text between the marks of one name. */
export interface Block {
  name: string;
  text: string;
}

/**
 * Writes these blocks into a page, between their marks. Throws if a block has no place in the page:
 * every measured figure is shown.
 */
export async function writeBlocks(path: string, blocks: Block[]): Promise<void> {
  await Bun.write(path, withBlocks(await Bun.file(path).text(), blocks));
}

/** Returns a page with these blocks between `<!-- table: NAME -->` and `<!-- end -->`. */
export function withBlocks(page: string, blocks: Block[]): string {
  return blocks.reduce((text, { name, text: block }) => {
    const marks = new RegExp(`(<!-- table: ${name} -->\n)[^]*?(<!-- end -->)`);
    if (!marks.test(text)) throw new Error(`the page has no place for the table ${name}`);
    return text.replace(marks, (_, begin: string, end: string) => `${begin}\n${block}\n\n${end}`);
  }, page);
}
