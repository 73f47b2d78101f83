import { type Counter, createCounter } from "./family.ts";

/**
 * Counts the `sent` and the `lost` spans of a process. Both exist even in a process without spans.
 */
export function createSpanCounter(): Counter {
  const spans = createCounter(
    "lectern_spans_total",
    "Spans of traces, by whether the collector took them.",
    ["outcome"],
  );
  for (const outcome of ["sent", "lost"]) spans.of(outcome);
  return spans;
}
