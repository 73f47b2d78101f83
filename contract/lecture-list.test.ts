import { expect, test } from "bun:test";
import { type ListQuery, nextListPage, readListQuery, writeListQuery } from "./lecture-list.ts";

const everything: ListQuery = {
  q: "量子 & light",
  state: "open",
  day: "2026-12-31",
  host: "physics-1",
  category: "自然",
  after: { startsAtMs: 1_798_675_200_000, id: "42" },
  limit: 7,
};

test("what is written is read the same, and the defaults are left out", () => {
  const parametersOf = (text: string) => Object.fromEntries(new URLSearchParams(text));
  expect(readListQuery(parametersOf(writeListQuery(everything)))).toEqual(everything);
  expect(writeListQuery({ limit: 50 })).toBe("");
  expect(readListQuery({})).toMatchObject({ limit: 50 });
  const next = new URL(
    nextListPage({ ...everything, after: undefined }, { startsAtMs: 0, id: "1" }),
    "http://e",
  );
  expect(next.pathname).toBe("/api/lectures");
  expect(readListQuery(Object.fromEntries(next.searchParams))).toEqual({
    ...everything,
    after: { startsAtMs: 0, id: "1" },
  });
});

test.each([
  { limit: "0" },
  { limit: "101" },
  { limit: "1e1" },
  { state: "sold_out" },
  { day: "2026-02-30" },
  { day: "today" },
  { host: "Physics" },
  { q: "x".repeat(101) },
  { q: "\ud800" },
  { category: "x".repeat(61) },
  { after: "" },
  { after: "42" },
  { after: btoa("1.0").replaceAll("=", "") },
  { after: btoa("1.2.3").replaceAll("=", "") },
  { after: btoa("-1.2").replaceAll("=", "") },
])("%p is refused", (given) => {
  expect(readListQuery(given)).toBeUndefined();
});
