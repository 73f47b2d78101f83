import { collectDefaultMetrics, Registry } from "prom-client";

/** What prom-client knows of Node and Bun does not tell: these would always be zero. */
const UNTOLD = /^nodejs_(heap_space|active|gc|external)/;

/** CPU, memory, files and the lag of the event loop of this process, as Prometheus reads them. */
export function openProcessMetrics(): () => Promise<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray())
    if (UNTOLD.test(name)) registry.removeSingleMetric(name);
  return () => registry.metrics();
}
