import { expect, test } from "bun:test";
import { createRecent } from "./recent.ts";

test("a name in steady use stays, however many others come", () => {
  const recent = createRecent<number>(10);
  recent.set("used", 1);
  for (let other = 0; other < 1_000; other++) {
    recent.set(`o${other}`, other);
    expect(recent.get("used")).toBe(1);
  }
});

test("of unused names the latest half is known, and the rest is forgotten", () => {
  const recent = createRecent<number>(10);
  for (let name = 0; name < 100; name++) recent.set(`n${name}`, name);
  for (let name = 95; name < 100; name++) expect(recent.get(`n${name}`)).toBe(name);
  expect(recent.get("n89")).toBeUndefined();
});

test("a value that is set again replaces the earlier one", () => {
  const recent = createRecent<number>(2);
  recent.set("a", 1);
  recent.set("b", 2);
  recent.set("a", 3);
  expect(recent.get("a")).toBe(3);
});
