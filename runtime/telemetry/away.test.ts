import { expect, test } from "bun:test";
import { openAwayList } from "./away.ts";

test("servers that fail, that throw and that never answer are away, and no other", async () => {
  const away = openAwayList({
    works: async () => "whatever",
    fails: () => Promise.reject(new Error("no")),
    throws: () => {
      throw new Error("no");
    },
    hangs: () => new Promise(() => {}),
  });
  expect(await away()).toEqual(["fails", "throws", "hangs"]);
});

test("many who ask at once cost one look, and the next one looks again", async () => {
  let looks = 0;
  const away = openAwayList({ counted: async () => (looks += 1) });
  await Promise.all([away(), away(), away()]);
  expect(looks).toBe(1);
  await away();
  expect(looks).toBe(2);
});
