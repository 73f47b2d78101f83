import { expect, test } from "bun:test";
import { liveChildren } from "./child-processes.ts";
import { eventually } from "./servers.ts";

/**
 * A program that adopts orphans, starts a process that leaves its family, and lists its children.
 */
const PARENT = `
  import { adoptOrphans } from "./stack/libc.ts";
  import { liveChildren } from "./test/child-processes.ts";
  adoptOrphans();
  await Bun.spawn(["setsid", "-f", "sleep", "61"]).exited;
  while (!liveChildren().some(({ command }) => command === "sleep 61")) await Bun.sleep(5);
  for (const { id } of liveChildren()) process.kill(id.pid, "SIGKILL");
  while (liveChildren().length > 0) await Bun.sleep(5);
  console.log("none left");`;

test("an orphan comes back to the process that adopts, and is gone once it has ended", async () => {
  const parent = Bun.spawn([process.execPath, "-e", PARENT], { stdout: "pipe", stderr: "inherit" });
  expect(await new Response(parent.stdout).text()).toBe("none left\n");
  expect(await parent.exited).toBe(0);
});

test("a child is listed with its command line while it runs", async () => {
  const child = Bun.spawn(["sleep", "62"]);
  await eventually("it is listed", async () =>
    liveChildren().some(({ id, command }) => id.pid === child.pid && command === "sleep 62"),
  );
  child.kill();
  await child.exited;
  expect(liveChildren().map(({ id }) => id.pid)).not.toContain(child.pid);
});
