import { expect, test } from "bun:test";
import { createHash, createHmac } from "node:crypto";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { copyState } from "./noble-internals.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
/** Less than a block of SHA-256, one block, and more. */
const texts = ["", "rid", "x".repeat(64), "lecture".repeat(40)];
const digest = new Uint8Array(32);

test("a hash goes on from the copied state again and again, in the object given", () => {
  const [begun, working] = [sha256.create().update(bytes("begun")), sha256.create()];
  for (const text of texts) {
    const copy = copyState(begun, working);
    expect(copy).toBe(working);
    copy.update(bytes(text)).digestInto(digest);
    expect(bytesToHex(digest)).toBe(createHash("sha256").update(`begun${text}`).digest("hex"));
  }
});

test("a keyed hash goes on from the state after its key", () => {
  const key = bytes("a key of the edge");
  const [begun, working] = [hmac.create(sha256, key), hmac.create(sha256, key)];
  for (const text of texts) {
    expect(copyState(begun, working)).toBe(working);
    working.update(bytes(text)).digestInto(digest);
    expect(bytesToHex(digest)).toBe(createHmac("sha256", key).update(text).digest("hex"));
  }
});
