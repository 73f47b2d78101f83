import { expect, test } from "bun:test";
import { scalarScript } from "./scalar-internals.ts";

test("Scalar's plugin gives the browser's script, which loads no other part", async () => {
  const script = await scalarScript();
  expect(script.length).toBeGreaterThan(1_000_000);
  expect(script).toContain("createApiReference");
});
