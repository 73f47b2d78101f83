import { readFileSync } from "node:fs";

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * The totals of a JUnit report; undefined without a report, as after a crash of the test runner.
 */
export function readCounts(path: string): Counts | undefined {
  let report: string;
  try {
    report = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  const totals = /<testsuites\b[^>]*>/.exec(report)?.[0] ?? "";
  const total = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(totals)?.[1] ?? 0);
  const [failed, skipped] = [total("failures") + total("errors"), total("skipped")];
  return { passed: total("tests") - failed - skipped, failed, skipped };
}
