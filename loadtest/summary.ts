/** What the figures of a run are told by. */
export const percentiles = ["count", "med", "p(90)", "p(95)", "p(99)", "max"];

/** Writes the figures of the run where the runner looks for them. */
export function writeSummary(data: unknown): Record<string, string> {
  return { [__ENV["SUMMARY_FILE"] ?? "summary.json"]: JSON.stringify(data) };
}
