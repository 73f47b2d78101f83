import { expect, test } from "bun:test";
import { Keyring } from "./keyring.ts";

const secret = new Uint8Array(32).fill(7).toBase64();

test("keys are read in their order, newest first", () => {
  expect(Keyring.parse(`b:${secret}, a:${secret}`).map(({ id }) => id)).toEqual(["b", "a"]);
});

test.each([
  "",
  "a",
  `a:${btoa("too short")}`,
  `:${secret}`,
  `a:${secret},`,
  `a b:${secret}`,
  "a:***",
])("%p is refused as a keyring", (text) => {
  expect(Keyring.safeParse(text).success).toBe(false);
});

test("a refusal does not repeat the secret", () => {
  const parsed = Keyring.safeParse(`bad id:${secret}`);
  expect(JSON.stringify(parsed.error)).not.toContain(secret);
});
