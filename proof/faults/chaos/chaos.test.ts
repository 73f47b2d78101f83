import { expect, test } from "bun:test";
import { join } from "node:path";
import { TEST_DIR } from "../../../test/lanes.ts";

test("two schedules on real processes: nothing lost, nothing oversold", async () => {
  const args = ["--schedules", "2", "--seed", "11", "--json", "--dir", join(TEST_DIR, "faults")];
  const child = Bun.spawn([process.execPath, "proof/faults/chaos/main.ts", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const report = JSON.parse(await new Response(child.stdout).text());
  expect(await child.exited).toBe(0);
  expect(report).toMatchObject({ clean: true, schedules: [{ breaches: [] }, { breaches: [] }] });
});
