import { expect, test } from "bun:test";
import { withBlocks } from "../../markdown.ts";
import { readKept } from "../kept.ts";
import { blocksOf, PAGES } from "./guide.ts";
import type { Language } from "./sheet.ts";

const languages = Object.keys(PAGES) as Language[];

test("a table takes the place of the one before, and nothing else changes", () => {
  const page =
    "a\n<!-- table: x -->\nold\n<!-- end -->\nb\n<!-- table: y -->\nkept\n<!-- end -->\n";
  const written = withBlocks(page, [{ name: "x", text: "| $1 |" }]);
  expect(written).toBe(
    "a\n<!-- table: x -->\n\n| $1 |\n\n<!-- end -->\nb\n<!-- table: y -->\nkept\n<!-- end -->\n",
  );
  expect(withBlocks(written, [{ name: "x", text: "| $1 |" }])).toBe(written);
});

test("a table that the page has no place for is an error", () => {
  expect(() => withBlocks("nothing", [{ name: "x", text: "" }])).toThrow(
    "no place for the table x",
  );
});

test.each(languages)("the guide (%s) shows the figures that are kept", async (language) => {
  const kept = await readKept();
  if (!kept) throw new Error("no figures are kept");
  const page = await Bun.file(PAGES[language]).text();
  expect(withBlocks(page, blocksOf(kept, language))).toBe(page);
});
