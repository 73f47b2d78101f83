import { expect, test } from "bun:test";
import { measurementNames } from "./measurements.ts";
import { readCommandLine } from "./options.ts";

test("everything is measured where nothing is named", () => {
  expect(readCommandLine([])).toEqual({
    names: measurementNames,
    json: false,
    keep: false,
    tables: false,
  });
});

test("a beginning means all that begin with it, in whatever case; growth means its three kinds", () => {
  expect(readCommandLine(["PARTITIONS", "cost"]).names).toEqual([
    "cost",
    "partitions-1",
    "partitions-2",
    "partitions-4",
  ]);
  expect(readCommandLine(["growth"]).names).toEqual(
    measurementNames.filter((name) => /^(students|lectures|partitions)/.test(name)),
  );
});

test("a whole name means itself, though others begin with it", () => {
  expect(readCommandLine(["students-1000"]).names).toEqual(["students-1000"]);
});

test("a name that no measurement begins with is refused", () => {
  expect(() => readCommandLine(["hot", "cold"])).toThrow("no measurement begins with cold");
});
