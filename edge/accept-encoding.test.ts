import { expect, test } from "bun:test";
import { codingsFor } from "./accept-encoding.ts";

test.each([
  [null, []],
  ["", []],
  ["identity", []],
  ["gzip, deflate, br, zstd", ["br", "gzip"]],
  ["gzip", ["gzip"]],
  ["GZIP;Q=0.5", ["gzip"]],
  ["BR", ["br"]],
  ["x-gzip", ["gzip"]],
  ["br;q=0.5, gzip;q=0.8", ["gzip", "br"]],
  ["br;q=0, gzip", ["gzip"]],
  ["*", ["br", "gzip"]],
  ["*;q=0", []],
  ["br;q=0, *;q=0.1", ["gzip"]],
  ["br;q=0, gzip;q=0.000", []],
  ["br;q=0, *", ["gzip"]],
  ["gzip, *;q=0", ["gzip"]],
  ["identity;q=0", []],
  ["gzip, identity;q=0", ["gzip"]],
  ["identity;q=0, *;q=0.1", ["br", "gzip"]],
  ["identity, gzip;q=0.5", []],
  ["identity;q=0.5, gzip;q=0.5, br;q=0.4", ["gzip"]],
  ["gzip;q=2, br;q=x", []],
  ["br;q=2, gzip;q=x", []],
  ["gzip;q=0.001 , ,", ["gzip"]],
  [`gzip, ${"x".repeat(200)}`, []],
  [`${"x,".repeat(200)}br`, []],
] as const)("of %p the codings are %p", (accepted, codings) => {
  expect(codingsFor(accepted)).toEqual([...codings]);
  expect(codingsFor(accepted)).toEqual([...codings]);
});
