import { expect, test } from "bun:test";
import { readRate } from "./wrk.ts";

const SAID =
  "  1200 requests in 1.00s, 98.12KB read\nRequests/sec:   1199.25\nTransfer/sec:     98.12KB\n";

test("what was answered a second is read", () => {
  expect(readRate(SAID, "2xx")).toBe(1199.25);
});

test("refusals are an error unless they are what is measured", () => {
  const said = `  Non-2xx or 3xx responses: 7\n${SAID}`;
  expect(() => readRate(said, "2xx")).toThrow("7 answers to wrk were refusals");
  expect(readRate(said, "any")).toBe(1199.25);
});

test("socket errors make a rate worth nothing, as does none", () => {
  expect(() =>
    readRate(`  Socket errors: connect 0, read 3, write 0, timeout 0\n${SAID}`, "any"),
  ).toThrow("read 3");
  expect(() => readRate("unable to connect", "any")).toThrow("unable to connect");
});
