import { expect, test } from "bun:test";
import { createCount } from "../metrics/family.ts";
import { openScrape } from "./scrape.ts";

test("the families of a service and its process have Prometheus' form", async () => {
  const answer = await openScrape([createCount("lectern_x_total", "X.")])();
  expect(answer.headers.get("content-type")).toContain("version=0.0.4");
  const text = await answer.text();
  expect(text).toContain("\nlectern_x_total 0\n");
  expect(text).toMatch(/^process_cpu_seconds_total [0-9.]+$/m);
  expect(text).toMatch(/^process_resident_memory_bytes [1-9]/m);
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  expect(text).not.toMatch(/nodejs_(heap_space|active|gc)/);
});

test("a process that is asked for its metrics can still end by itself", async () => {
  const child = Bun.spawn(
    [
      process.execPath,
      "-e",
      'await (await import("./runtime/telemetry/scrape.ts")).openScrape([])()',
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
  expect(await child.exited).toBe(0);
  clearTimeout(late);
});
