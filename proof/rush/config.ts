import * as z from "zod";
import { runningStack } from "../../stack/environment.ts";
import { type AuditConfig, readConfig as readServers } from "../audit/config.ts";

const EdgeUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/$/, ""));

export interface RushConfig {
  edgeUrl: string;
  /** the servers, to make the lecture and to audit it */
  servers: AuditConfig;
}

/**
 * Where the edge and the servers are: as the environment names them, and as the running stack does where it does not.
 * Throws with every name that is missing or wrong; StackError when nothing is named and nothing runs.
 */
export function readConfig(environment: Record<string, string | undefined>): RushConfig {
  const servers = readServers(environment);
  const edgeUrl = EdgeUrl.safeParse(environment["EDGE_URL"] || runningStack(environment).EDGE_URL);
  if (!edgeUrl.success) throw new Error("EDGE_URL: not an http address");
  return { edgeUrl: edgeUrl.data, servers };
}
