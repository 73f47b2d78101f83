import { EXPOSITION_TYPE, exposition } from "../metrics/exposition.ts";
import type { Family } from "../metrics/family.ts";
import { openProcessMetrics } from "./process-metrics.ts";

/** Answers `/metrics` of a service: its own families and those of its process. */
export function openScrape(families: Family[]): () => Promise<Response> {
  const processMetrics = openProcessMetrics();
  return async () =>
    new Response(`${exposition(families)}${await processMetrics()}`, {
      headers: { "Content-Type": EXPOSITION_TYPE, "Cache-Control": "no-store" },
    });
}
