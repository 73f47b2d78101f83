import { expect, test } from "bun:test";
import { canariesIn, canariesOfKeyring } from "./forms.ts";

const value = 'a secret/with "odd" characters? ünd mehr';
const canaries = [{ name: "the secret", value }];

test.each([
  ["itself", `before ${value} behind`],
  ["JSON", JSON.stringify({ value })],
  ["a URL", `http://x/?q=${encodeURIComponent(value)}&r`],
  ["hex", Buffer.from(`x${value}y`).toString("hex")],
  ["base64", Buffer.from(value).toString("base64")],
  ["base64 of more", Buffer.from(`x${value}yz`).toString("base64")],
  ["base64url of more", Buffer.from(`xy${value}z`).toString("base64url")],
  ["a buffer in JSON", JSON.stringify(Buffer.from(`xy${value}z`))],
])("a secret is found as %s", (_, text) => {
  expect(canariesIn(text, canaries)).toEqual(["the secret"]);
});

test("every key of a keyring is found, and nothing where nothing is", () => {
  const keyring = canariesOfKeyring(
    "key",
    `a:${Buffer.alloc(32, 1).toString("base64")},b:${Buffer.alloc(32, 2).toString("base64")}`,
  );
  expect(canariesIn(Buffer.alloc(32, 2).toString("hex"), keyring)).toContain("key 1 in hex");
  expect(canariesIn("nothing of it", [...keyring, ...canaries])).toEqual([]);
});
