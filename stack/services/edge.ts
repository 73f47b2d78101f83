import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readAuthorities } from "../authorities.ts";
import { bundleModules } from "../edge-bundle.ts";
import { environmentOf } from "../environment.ts";
import { paths, portOf } from "../layout.ts";
import type { Part } from "../part.ts";
import type { Plan } from "../plan.ts";
import { platformBinary } from "../platform-binary.ts";
import { probeHttp } from "../probes/http.ts";
import { workerdConfig } from "../workerd-config.ts";
import { readWranglerFile, type WranglerFile } from "../wrangler-file.ts";

/** The edge's bundle for Workers, on plain workerd. */
export const edge: Part = {
  name: "edge",
  ports: ["edge"],
  needs: ["edge bundle", "origin", "redis-http"],
  prepare: async (plan) => {
    const [cwd, wrangler] = [paths.bundle(plan.dir), await readWranglerFile()];
    mkdirSync(cwd, { recursive: true, mode: 0o700 });
    const secrets = secretBindings(plan);
    const config = workerdConfig({
      address: `127.0.0.1:${portOf(plan.basePort, "edge")}`,
      compatibilityDate: wrangler.compatibilityDate,
      compatibilityFlags: wrangler.compatibilityFlags,
      modules: bundleModules(cwd, wrangler),
      vars: { ...wrangler.vars, ...overrides(wrangler, plan), ...plainBindings(plan) },
      secretNames: Object.keys(secrets),
      assetsDirectory: wrangler.assetsDirectory,
      authorities: readAuthorities(plan.inherited["NODE_EXTRA_CA_CERTS"] ?? "") ?? [],
    });
    writeFileSync(join(cwd, "edge.capnp"), config, { mode: 0o600 });
    const command: [string, ...string[]] = [platformBinary("workerd"), "serve", "edge.capnp"];
    return { command, env: { TZ: "UTC", ...secrets }, cwd };
  },
  // The origin gives the list of lectures, so an answer proves the whole path.
  probe: (plan) => probeHttp(`${environmentOf(plan).EDGE_URL}/api/lectures`),
  stopWithinMs: 5_000,
};

/** The variables of wrangler.toml that the operator's environment overrides. */
function overrides({ vars }: WranglerFile, { inherited }: Plan): Record<string, string> {
  return Object.fromEntries(
    Object.keys(vars).flatMap((name) => {
      const value = inherited[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function plainBindings(plan: Plan): Record<string, string> {
  const { UPSTASH_REDIS_REST_URL, ORIGIN_URL } = environmentOf(plan);
  // Nothing stands in front of this edge, so no header can be trusted with the client's address.
  // The operator may name one.
  const CLIENT_ADDRESS_HEADER = plan.inherited["CLIENT_ADDRESS_HEADER"] ?? "";
  return { UPSTASH_REDIS_REST_URL, ORIGIN_URL, CLIENT_ADDRESS_HEADER };
}

/** The secrets go through the process' environment, so that no file holds them. */
function secretBindings(plan: Plan): Record<string, string> {
  const { UPSTASH_REDIS_REST_TOKEN, EDGE_KEYS, SESSION_KEYS, METRICS_TOKEN } = environmentOf(plan);
  const headers = plan.inherited["OTEL_EXPORTER_OTLP_HEADERS"];
  return {
    UPSTASH_REDIS_REST_TOKEN,
    EDGE_KEYS,
    SESSION_KEYS,
    METRICS_TOKEN,
    ...(headers !== undefined && { OTEL_EXPORTER_OTLP_HEADERS: headers }),
  };
}
