import { type Counter, createCounter } from "./family.ts";

/** Counts what becomes of the spans of a process, also where it makes none: `sent` and `lost`. */
export function createSpanCounter(): Counter {
  const spans = createCounter(
    "lectern_spans_total",
    "Spans of traces, by whether the collector took them.",
    ["outcome"],
  );
  for (const outcome of ["sent", "lost"]) spans.of(outcome);
  return spans;
}
