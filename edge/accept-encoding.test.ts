import { expect, test } from "bun:test";
import { preferredEncoding } from "./accept-encoding.ts";

test.each([
  ["gzip, deflate, br, zstd", "br"],
  ["gzip", "gzip"],
  ["br;q=0.5, gzip;q=0.8", "gzip"],
  ["br;q=0, gzip;q=0.000", undefined],
  ["*", "br"],
  ["br;q=0, *;q=0.1", "gzip"],
  ["BR", "br"],
  ["identity", undefined],
  ["br;q=2, gzip;q=x", undefined],
  [`${"x,".repeat(200)}br`, undefined],
  ["", undefined],
  [undefined, undefined],
] as const)("a client that takes %p gets %p", (accepted, encoding) => {
  expect(preferredEncoding(accepted, ["br", "gzip"])).toBe(encoding);
});
