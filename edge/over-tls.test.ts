import { expect, test } from "bun:test";
import { schemeReader } from "./over-tls.ts";

test.each([
  ["https://edge/", {}, true],
  ["http://edge/", {}, false],
  ["http://edge/https:", {}, false],
  ["http://edge/", { "X-Forwarded-Proto": "https" }, false],
  ["https://edge/", { "X-Forwarded-Proto": "http" }, true],
])("where no header is set up, %s with %j is as its address says", (url, headers, isOverTls) => {
  expect(schemeReader({ name: "", hops: 1 })(url, new Headers(headers as HeadersInit))).toBe(
    isOverTls,
  );
});

test.each<[Record<string, string>, number, boolean]>([
  [{ "X-Forwarded-Proto": "https" }, 1, true],
  [{ "X-Forwarded-Proto": "HTTPS" }, 1, true],
  [{ "X-Forwarded-Proto": "http" }, 1, false],
  [{ "X-Forwarded-Proto": "https, http" }, 1, false],
  [{ "X-Forwarded-Proto": "https, http" }, 2, true],
  [{ "X-Forwarded-Proto": "https" }, 2, true],
  [{ "X-Forwarded-Proto": "" }, 1, false],
  [{ "X-Forwarded-Proto": "httpss" }, 1, false],
  [{ "X-Other": "https" }, 1, false],
  [{}, 1, false],
])(
  "where the proxy's header is set up, %j with %p hops is HTTPS: %p",
  (headers, hops, isOverTls) => {
    const read = schemeReader({ name: "x-forwarded-proto", hops });
    expect(read("http://edge/", new Headers(headers))).toBe(isOverTls);
  },
);

test("a request that has come by no proxy is as its address says", () => {
  expect(schemeReader({ name: "x-forwarded-proto", hops: 1 })("https://edge/", new Headers())).toBe(
    true,
  );
});
