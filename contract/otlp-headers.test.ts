import { expect, test } from "bun:test";
import { areOtlpHeaders, readOtlpHeaders } from "./otlp-headers.ts";

test("headers are read as OpenTelemetry writes them", () => {
  expect(readOtlpHeaders("authorization=Bearer%20x=, x-tenant=campus")).toEqual({
    authorization: "Bearer x=",
    "x-tenant": "campus",
  });
  expect(readOtlpHeaders("")).toEqual({});
});

test.each([
  ["", true],
  ["a=b", true],
  ["a=b,c=d", true],
  ["a=b,", true],
  ["a", false],
  ["=b", false],
  ["a=", false],
  ["a=%20", true],
  ["a=100%", false],
  ["a=%ff", false],
])("%p is taken for headers: %p", (text, taken) => {
  expect(areOtlpHeaders(text)).toBe(taken);
});
