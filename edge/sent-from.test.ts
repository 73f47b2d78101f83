import { expect, test } from "bun:test";
import { sentFrom } from "./sent-from.ts";

const URL_ = "http://book.campus.test:8080/api/lectures/7/reservations";

test.each<[Record<string, string>, string]>([
  [{ Origin: "http://book.campus.test:8080" }, "here"],
  [{ "Sec-Fetch-Site": "same-origin" }, "here"],
  [{ Origin: "null", "Sec-Fetch-Site": "same-origin" }, "here"],
  [{ Origin: "http://news.campus.test:8080" }, "elsewhere"],
  [{ Origin: "http://campus.test:8080" }, "elsewhere"],
  [{ Origin: "http://book.campus.test" }, "elsewhere"],
  [{ Origin: "http://book.campus.test:80" }, "elsewhere"],
  [{ Origin: "http://book.campus.test:80801" }, "elsewhere"],
  [{ Origin: "http://book.campus.test:8080.evil.test" }, "elsewhere"],
  [{ Origin: "http://book.campus.test:8080/" }, "elsewhere"],
  [{ Origin: "http://book.campus.test:8080/api" }, "elsewhere"],
  [{ Origin: "http://BOOK.campus.test:8080" }, "elsewhere"],
  [{ Origin: "http://x@book.campus.test:8080" }, "elsewhere"],
  [{ Origin: "https://book.campus.test:8080" }, "elsewhere"],
  [{ Origin: "//book.campus.test:8080" }, "elsewhere"],
  [{ Origin: "book.campus.test:8080" }, "elsewhere"],
  [{ Origin: "http://" }, "elsewhere"],
  [{ Origin: "http:///" }, "elsewhere"],
  [{ Origin: "" }, "elsewhere"],
  [{ Origin: "null" }, "elsewhere"],
  [{ Origin: "http://news.campus.test:8080", "Sec-Fetch-Site": "same-origin" }, "elsewhere"],
  [{ Origin: "http://book.campus.test:8080, http://news.campus.test:8080" }, "elsewhere"],
  [{ Origin: "null", "Sec-Fetch-Site": "cross-site" }, "elsewhere"],
  [{ "Sec-Fetch-Site": "same-site" }, "elsewhere"],
  [{ "Sec-Fetch-Site": "cross-site" }, "elsewhere"],
  [{ "Sec-Fetch-Site": "none" }, "elsewhere"],
  [{ "Sec-Fetch-Site": "same-origin, same-origin" }, "elsewhere"],
  [{}, "untold"],
  [{ Referer: "http://book.campus.test:8080/" }, "untold"],
])("a request with %j was sent from %s", (headers, from) => {
  expect(sentFrom(URL_, new Headers(headers), false)).toBe(from as never);
});

test("behind a proxy that ends TLS our own origin is the client's", () => {
  const from = (origin: string) => sentFrom(URL_, new Headers({ Origin: origin }), true);
  expect(from("https://book.campus.test:8080")).toBe("here");
  expect(from("http://book.campus.test:8080")).toBe("elsewhere");
});
