import { expect, test } from "bun:test";
import { readOptions } from "./options.ts";

test("npm test takes parts of paths, and every file where there are none", () => {
  expect(readOptions([])).toEqual({ only: false, watch: false, patterns: [] });
  expect(readOptions(["worker/rules", "edge"]).patterns).toEqual(["worker/rules", "edge"]);
});

test("a watching run is a run of the tests alone", () => {
  expect(readOptions(["--watch", "edge"])).toEqual({ only: true, watch: true, patterns: ["edge"] });
});

test("an unknown option is refused by its name", () => {
  expect(() => readOptions(["--ony"])).toThrow("--ony");
});
