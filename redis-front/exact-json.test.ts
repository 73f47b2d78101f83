import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseJson } from "./exact-json.ts";

test.each([
  "1541815603606036480",
  "9007199254740993",
  "-9007199254740993",
  "1.0",
  "1.50",
  "0.1000",
  "-0",
  "-0.0",
  "1e2",
  "1E+400",
  "1e-7",
  "12",
  "-7",
  "0",
  "3.25",
])("the number %s is as text what it was in JSON", (digits) => {
  for (const around of [`[${digits}]`, `["SET", "k",\n ${digits} ]`, `["a",${digits},"b"]`]) {
    expect((parseJson(around) as unknown[]).map(String)).toContain(digits);
  }
});

test("numbers in any text keep their digits, and the text equals JSON.parse's", () => {
  const digits = fc.stringMatching(
    /^-?(0|[1-9][0-9]{0,20})([.][0-9]{1,6})?([eE][+-]?[0-9]{1,3})?$/,
  );
  const text = fc.oneof(
    fc.string(),
    digits,
    digits.map((number) => `,${number}`),
  );
  const item = fc.oneof(
    digits.map((number) => ({ json: number, says: number })),
    text.map((value) => ({ json: JSON.stringify(value), says: value })),
  );
  fc.assert(
    fc.property(fc.array(item), fc.constantFrom(",", " , ", ",\n\t"), (items, between) => {
      const parsed = parseJson(`[${items.map(({ json }) => json).join(between)}]`) as unknown[];
      expect(parsed.map(String)).toEqual(items.map(({ says }) => says));
    }),
  );
});

test.each(["", "[1.0", "[01]", "[+1.0]", "[.5]", "[1.]", "[1e]", "[--0]"])(
  "%j is not JSON",
  (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  },
);
