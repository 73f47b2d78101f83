import { expect, test } from "bun:test";
import fc from "fast-check";
import { guarded, unguarded } from "./guard.ts";
import { readCsv } from "./read.ts";
import { writeRecord } from "./write.ts";

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1"])(
  "the cell %j is no formula in a spreadsheet, and comes back as it was",
  (cell) => {
    expect(guarded(cell)).toBe(`'${cell}`);
    expect(unguarded(guarded(cell))).toBe(cell);
  },
);

test.each(["2023", "it's", "'quoted'", "a=b", ""])("the cell %j is left as it is", (cell) => {
  expect([guarded(cell), unguarded(cell)]).toEqual([cell, cell]);
});

test("what is written is read back, whatever the cells hold", () => {
  const cell = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom('"', ",", "\n", "\r\n", "=", "'", "'-1", " ", "量子"),
    fc
      .array(fc.constantFrom('"', ",", "\n", "=", "'", "x", "光"), { maxLength: 6 })
      .map((parts) => parts.join("")),
  );
  const record = fc
    .array(cell, { minLength: 1, maxLength: 5 })
    .filter((cells) => cells.every((text) => !text.includes("\0")));
  fc.assert(
    fc.property(record, (cells) => {
      // The header's line end tells the reader how lines end.
      const file = writeRecord(["first"]) + writeRecord(cells);
      const read = readCsv(new TextEncoder().encode(file), 10);
      const isBlank = cells.every((text) => text.trim() === "");
      expect(read).toMatchObject({
        records: [{ cells: ["first"] }, ...(isBlank ? [] : [{ cells }])],
      });
    }),
    { numRuns: 500 },
  );
});
