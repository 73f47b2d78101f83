import { afterAll, expect, test } from "bun:test";
import { stop } from "../stack/processes.ts";
import { NEVER } from "../stack/stack-for-test.ts";
import { orphansOf, RUN_MARK } from "./orphans.ts";
import { eventually } from "./servers.ts";

const run = crypto.randomUUID();

afterAll(async () => {
  for (const { id } of orphansOf(run)) await stop(id, 1_000, NEVER);
});

test("what a test has started is found even when it has left the family, and only that", async () => {
  const env = { PATH: "/usr/bin:/bin", [RUN_MARK]: run };
  await Bun.spawn(["setsid", "-f", "sleep", "61"], { env }).exited;
  const orphans = await eventually("the orphan runs", async () => {
    const found = orphansOf(run);
    return found.some(({ command }) => command === "sleep 61") && found;
  });
  expect(orphans).toHaveLength(1);
  expect(orphansOf(crypto.randomUUID())).toEqual([]);
});
