import * as z from "zod";
import { OF_A_SESSION, refusals } from "./refusals.ts";
import type { Tag } from "./tag.ts";

/** What an operator reads. */
export const operating: Tag = {
  name: "operating",
  description: "For the operator",
  paths: {
    "/metrics": {
      get: {
        operationId: "getMetrics",
        summary: "The counts of this isolate or process, where a METRICS_TOKEN is set",
        security: [{ metrics: [] }],
        responses: {
          "200": {
            description: "Prometheus' text format",
            content: { "text/plain; version=0.0.4; charset=utf-8": { schema: z.string() } },
          },
          ...refusals([...OF_A_SESSION, "route_not_found"]),
        },
      },
    },
  },
};
