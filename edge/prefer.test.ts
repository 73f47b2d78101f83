import { expect, test } from "bun:test";
import fc from "fast-check";
import { preferenceIn } from "./prefer.ts";

test.each([
  ["wait=5", "5"],
  ["WAIT = 5", "5"],
  ['wait="5"', "5"],
  ["respond-async, wait=10", "10"],
  ["respond-async,\twait=10;x", "10"],
  [", , wait=5 ,", "5"],
  ["wait=5, wait=9", "5"],
  ["wait", ""],
  ['wait=""', ""],
  ['handling=lenient; a=1; b ; c="x,y", wait=7', "7"],
  ['foo="x, wait=5", wait=8', "8"],
  ['foo="\\", wait=5", wait=8', "8"],
  ["foo;;, wait=3", "3"],
  ['foo="x, wait=5"', undefined],
  ["foo; wait=5", undefined],
  ["await=5", undefined],
  ['foo="x, wait=5', undefined],
  ["foo=(x), wait=5", undefined],
  ["wait 5", undefined],
  ["", undefined],
  [" ", undefined],
  ["é, wait=5", undefined],
])("in Prefer: %s the wait is %p", (header, value) => {
  expect(preferenceIn(header, "wait")).toBe(value as string);
});

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);
const word = fc.oneof(
  token.map((value) => ({ text: value, value })),
  fc
    .stringMatching(/^[ -~\t]*$/)
    .map((value) => ({ text: `"${value.replace(/["\\]/g, "\\$&")}"`, value })),
);
const pair = fc.record({ name: token, word: fc.option(word, { nil: undefined }) });
const textOf = ({ name, word }: { name: string; word: { text: string } | undefined }) =>
  word ? `${name}=${word.text}` : name;

test("whatever preferences and parameters a header has, each is found by its name", () => {
  const preference = fc.record({ pair, parameters: fc.array(pair, { maxLength: 3 }) });
  fc.assert(
    fc.property(
      fc.array(preference),
      fc.constantFrom(",", " , ", ",\t", ",,"),
      (preferences, comma) => {
        const header = preferences
          .map((one) => [one.pair, ...one.parameters].map(textOf).join("; "))
          .join(comma);
        const first = new Map<string, string>();
        for (const { pair } of preferences) {
          const name = pair.name.toLowerCase();
          if (!first.has(name)) first.set(name, pair.word?.value ?? "");
        }
        for (const [name, value] of first) expect(preferenceIn(header, name)).toBe(value);
      },
    ),
  );
});

test("a long header that cannot be read is read no longer than a long one that can", () => {
  // A match that tried every reading of these would not end.
  for (const part of [";", "; ", " ;\t", 'a="', "a,", ",", '\\"', "a;b=c ", "a =", "a= "])
    expect(preferenceIn(`a${part.repeat(16_000 / part.length)}(`, "wait")).toBeUndefined();
});
