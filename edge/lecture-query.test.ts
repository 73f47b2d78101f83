import { expect, test } from "bun:test";
import { lectureQuery } from "./lecture-query.ts";

const at = (query: string) => lectureQuery(new URL(`http://edge/api/lectures${query}`).href);

test.each([
  ["", ""],
  ["?", ""],
  ["?page=2&utm_source=x", ""],
  ["?state=open&q=light", "?q=light&state=open"],
  ["?q=light&state=open", "?q=light&state=open"],
  ["?q=light&state=&nonce=7", "?q=light"],
  ["?q=a&q=b", "?q=a"],
  ["?q=%6Cight", "?q=light"],
  ["?q=a%20b", "?q=a+b"],
  ["?q=光", "?q=%E5%85%89"],
  [
    "?limit=20&host=campus&day=2026-11-28&category=art&after=1-7",
    "?after=1-7&category=art&day=2026-11-28&host=campus&limit=20",
  ],
])("the query %p is asked as %p", (sent, asked) => {
  expect(at(sent)).toBe(asked);
  expect(at(asked)).toBe(asked);
});
