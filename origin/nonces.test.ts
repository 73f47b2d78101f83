import { expect, test } from "bun:test";
import { SIGNATURE_WINDOW_MS } from "../contract/signature.ts";
import { createNonces } from "./nonces.ts";

const NOW_MS = 1_800_000_000_000;

test("a nonce is used once, for as long as its timestamp would be accepted", () => {
  const nonces = createNonces();
  expect(nonces.use("a", NOW_MS, NOW_MS)).toBe(true);
  for (let atMs = NOW_MS; atMs <= NOW_MS + SIGNATURE_WINDOW_MS; atMs += 1_000) {
    nonces.use(`filler ${atMs}`, atMs, atMs);
    expect(nonces.use("a", NOW_MS, atMs)).toBe(false);
  }
});

test("a nonce with a timestamp ahead of the clock is kept until the timestamp has aged", () => {
  const nonces = createNonces();
  const aheadMs = NOW_MS + SIGNATURE_WINDOW_MS;
  nonces.use("a", aheadMs, NOW_MS);
  nonces.use("filler", aheadMs + SIGNATURE_WINDOW_MS, aheadMs + SIGNATURE_WINDOW_MS);
  expect(nonces.use("a", aheadMs, aheadMs + SIGNATURE_WINDOW_MS)).toBe(false);
});

test("two nonces of one moment are both let in", () => {
  const nonces = createNonces();
  expect([nonces.use("a", NOW_MS, NOW_MS), nonces.use("b", NOW_MS, NOW_MS)]).toEqual([true, true]);
});
