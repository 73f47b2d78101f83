/** The statistics of each figure of a run. */
export const percentiles = ["count", "med", "p(90)", "p(95)", "p(99)", "max"];

/** Writes the figures of the run to the runner's file. */
export function writeSummary(data: unknown): Record<string, string> {
  return { [__ENV["SUMMARY_FILE"] ?? "summary.json"]: JSON.stringify(data) };
}
