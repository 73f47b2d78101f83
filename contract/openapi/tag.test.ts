import { expect, test } from "bun:test";
import { pathsOf, type Tag } from "./tag.ts";

const responses = { "204": { description: "" } };
const reads: Tag = { name: "a", description: "", paths: { "/x": { get: { responses } } } };
const writes: Tag = { name: "b", description: "", paths: { "/x": { post: { responses } } } };

test("two tags may share a path, each with its own methods", () => {
  expect(pathsOf([reads, writes])).toEqual({
    "/x": { get: { responses, tags: ["a"] }, post: { responses, tags: ["b"] } },
  });
});

test("a second operation for the same method of a path is refused", () => {
  expect(() => pathsOf([reads, { ...reads, name: "c" }])).toThrow("get /x has two operations");
});
