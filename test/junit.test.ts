import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCounts } from "./junit.ts";

const dir = mkdtempSync(join(tmpdir(), "lectern-junit-"));
afterAll(() => rmSync(dir, { recursive: true }));

test("what bun test counts is what is read, also of names that look like totals", async () => {
  const file = join(dir, "some.test.ts");
  // The text of a skipped test, not one of this project: the counts must include skipped tests.
  await Bun.write(
    file,
    `import { expect, test } from "bun:test";
     test('failures="9" <testsuites tests="7">', () => {});
     test("passes", () => {});
     test.skip("skipped", () => {}); // on purpose: text, in which a skipped test has to count
     test("fails", () => expect(1).toBe(2));`,
  );
  const report = join(dir, "report.xml");
  const args = ["test", "--reporter=junit", `--reporter-outfile=${report}`, file];
  await Bun.spawn([process.execPath, ...args], { cwd: dir, stdio: ["ignore", "ignore", "ignore"] })
    .exited;
  expect(readCounts(report)).toEqual({ passed: 2, failed: 1, skipped: 1 });
});

test("a run that crashed has no counts", () => {
  expect(readCounts(join(dir, "none.xml"))).toBeUndefined();
});
