import { expect, test } from "bun:test";
import { isKnown } from "./if-none-match.ts";

test.each([
  ['"a"', true],
  ['W/"a"', true],
  ['"b", "a"', true],
  ["*", true],
  ['"b"', false],
  ["a", false],
  ["", false],
  [undefined, false],
] as const)('a client that sends %p knows the version "a": %p', (header, known) => {
  expect(isKnown(header, '"a"')).toBe(known);
});
