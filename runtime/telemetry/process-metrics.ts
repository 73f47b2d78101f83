import { collectDefaultMetrics, Registry } from "prom-client";

/** Metrics of prom-client for Node that Bun does not report: they would always be zero. */
const UNTOLD = /^nodejs_(heap_space|active|gc|external)/;

/** CPU, memory, files and event loop lag of this process, in Prometheus' text format. */
export function openProcessMetrics(): () => Promise<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray())
    if (UNTOLD.test(name)) registry.removeSingleMetric(name);
  return () => registry.metrics();
}
