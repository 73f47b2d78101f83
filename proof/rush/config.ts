import * as z from "zod";
import { runningStack } from "../../stack/environment.ts";
import { type AuditConfig, readConfig as readServers } from "../audit/config.ts";

const EdgeUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/$/, ""));

export interface RushConfig {
  edgeUrl: string;
  /** the servers, for making the lecture and for the audit */
  servers: AuditConfig;
}

/**
 * Reads the addresses of the edge and the servers from the environment, and missing ones from the
 * running stack. Throws with every missing or wrong name; throws StackError if nothing is named and
 * nothing runs.
 */
export function readConfig(environment: Record<string, string | undefined>): RushConfig {
  const servers = readServers(environment);
  const edgeUrl = EdgeUrl.safeParse(environment["EDGE_URL"] || runningStack(environment).EDGE_URL);
  if (!edgeUrl.success) throw new Error("EDGE_URL: not an http address");
  return { edgeUrl: edgeUrl.data, servers };
}
