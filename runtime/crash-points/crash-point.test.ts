import { expect, test } from "bun:test";
import { Glob } from "bun";
import { crashPoints } from "./crash-point.ts";

const code = await Promise.all(
  [...new Glob("{admission,queue,edge,origin,worker}/**/*.ts").scanSync(".")].map((file) =>
    Bun.file(file).text(),
  ),
);
const placed = code.flatMap((text) =>
  [...text.matchAll(/crashPoint\("([^"]+)"\)/g)].map((match) => match[1]),
);

test("every crash point that is named stands at one place in the code", () => {
  expect(placed.toSorted()).toEqual(Object.keys(crashPoints).toSorted());
});
