import { expect, test } from "bun:test";
import { codedTag, hasTag, strongTag, tagOf } from "./entity-tag.ts";

test.each([
  ['"a"', true],
  ['W/"a"', true],
  ['"x", "a"', true],
  ['"b", "a"', true],
  ['"x",W/"a" , "y"', true],
  ["*", true],
  [" * ", true],
  ['"b"', false],
  ['"aa", "ba"', false],
  ["a", false],
  ['"a-gzip"', false],
  ["", false],
  [null, false],
])("whether %p names the tag is %p", (sent, named) => {
  expect(hasTag(sent, '"a"')).toBe(named);
});

test("only a strong tag is taken over, and no sign that a list could hold", () => {
  expect(strongTag('"3f-A/+=.:_"')).toBe('"3f-A/+=.:_"');
  for (const sent of [null, "", "a", '""', 'W/"a"', '"a,b"', '"a b"', `"${"a".repeat(101)}"`])
    expect(strongTag(sent)).toBeUndefined();
});

test("a body's own tag is strong, depends on each byte, and differs by coding", async () => {
  const [one, other] = [await tagOf(new Uint8Array([1, 2])), await tagOf(new Uint8Array([1, 3]))];
  expect(strongTag(one)).toBe(one);
  expect(await tagOf(new Uint8Array([1, 2]))).toBe(one);
  expect(new Set([one, other, codedTag(one, "br"), codedTag(one, "gzip")]).size).toBe(4);
  expect(strongTag(codedTag(one, "br"))).toBe(codedTag(one, "br"));
});
