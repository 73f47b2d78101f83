import { join } from "node:path";
import { PORTS } from "../../../stack/layout.ts";
import type { Plan } from "../../../stack/plan.ts";
import { loadSecrets } from "../../../stack/secrets.ts";
import { basicEnvironment } from "../../../test/test-stack.ts";
import { isService, type ServiceName, serviceNames, type UnitName } from "./links.ts";

/** The number of ports of the whole system, proxies included. */
export const PORT_COUNT = PORTS.length * (1 + serviceNames.length);

const PARTITIONS = 4;

/**
 * The plans of the system: one for all servers, and one per service. A service looks for the
 * servers in its own block of ports, where the proxies listen. It therefore starts exactly as in
 * production and knows nothing of them.
 */
export function plansOf(dir: string, basePort: number, settings: Record<string, string>) {
  const secrets = loadSecrets(join(dir, "servers"));
  const plan = (name: string, block: number): Plan => ({
    dir: join(dir, name),
    basePort: basePort + block * PORTS.length,
    partitions: PARTITIONS,
    external: {},
    vhosts: ["/"],
    replica: false,
    secrets,
    inherited: { ...basicEnvironment(), ...settings },
  });
  const servers = plan("servers", 0);
  const services = Object.fromEntries(
    serviceNames.map((name, at) => [name, plan(name, at + 1)]),
  ) as Record<ServiceName, Plan>;
  const planOf = (name: UnitName): Plan => (isService(name) ? services[name] : servers);
  return { servers, services, planOf };
}

/** The subdirectories of such a system. */
export function directoriesOf(dir: string): string[] {
  return ["servers", ...serviceNames].map((name) => join(dir, name));
}
