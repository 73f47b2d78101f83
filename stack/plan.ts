import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { External, type StackConfig } from "./config.ts";
import { databaseSettings } from "./database-settings.ts";
import { DEFAULT_BASE_PORT, paths } from "./layout.ts";
import { runningNames } from "./records.ts";
import { loadSecrets, newSecrets, readSecrets, type Secrets } from "./secrets.ts";
import { StackError } from "./stack-error.ts";
import { readState, writeState } from "./state-file.ts";

/**
 * The settings that stay while any part of a stack runs. Every later command finds the same stack.
 */
const Settled = z.object({
  basePort: z.int(),
  partitions: z.int(),
  external: External,
  vhosts: z.array(z.string()),
  /** whether the catalogue has a replica of the stack's own */
  replica: z.boolean().default(false),
});
export type Settled = z.infer<typeof Settled>;

/** Everything that the parts of a stack are built from. */
export interface Plan extends Settled {
  dir: string;
  secrets: Secrets;
  inherited: Record<string, string>;
}

export interface PlanOptions {
  /** RabbitMQ's virtual hosts, in addition to "/" */
  vhosts?: string[];
}

const DEFAULT_PARTITIONS = 4;

/**
 * The plan of a start: the environment's settings, or those of the running parts. Throws StackError
 * when the two contradict each other. To be called under the stack's lock.
 */
export function makePlan(config: StackConfig, { vhosts = [] }: PlanOptions = {}): Plan {
  const { dir, inherited } = config;
  const last = readState(paths.settings(dir), Settled);
  const settled = runningNames(dir).length > 0 ? last : undefined;
  if (settled) refuseChanges(config, settled);
  const wanted = settlementOf(config, vhosts);
  const plan = {
    // A replica stays until its data are dropped.
    ...(settled ?? { ...wanted, replica: wanted.replica || last?.replica === true }),
    dir,
    inherited,
    secrets: loadSecrets(dir),
  };
  refuseForeignPrimary(plan);
  writeState(paths.settings(dir), Settled.parse(plan));
  return plan;
}

/** The plan of the last start; undefined before the first one. */
export function readPlan(dir: string, inherited: Record<string, string> = {}): Plan | undefined {
  const [settled, secrets] = [readState(paths.settings(dir), Settled), readSecrets(dir)];
  return settled && secrets && { ...settled, dir, inherited, secrets };
}

/** The plan that a first start would make. Nothing is stored. */
export function previewPlan(config: StackConfig): Plan {
  const { dir, inherited } = config;
  return { ...settlementOf(config, []), dir, inherited, secrets: newSecrets() };
}

function settlementOf(config: StackConfig, vhosts: string[]): Settled {
  return {
    basePort: config.basePort ?? DEFAULT_BASE_PORT,
    partitions: config.partitions ?? DEFAULT_PARTITIONS,
    external: config.external,
    vhosts: ["/", ...vhosts],
    replica: config.replica === true,
  };
}

/** The stack's replica follows the stack's own server alone. */
function refuseForeignPrimary({ replica, external }: Settled): void {
  if (replica && external.databases?.catalogue !== undefined)
    throw new StackError(
      "the catalogue is on a server of yours: " +
        "name its replicas in CATALOGUE_REPLICA_URLS, without --replica",
    );
}

function refuseChanges(config: StackConfig, settled: Settled): void {
  const changed = [
    config.basePort !== undefined && config.basePort !== settled.basePort && "LECTERN_PORT",
    config.replica === true && !settled.replica && "choice of --replica",
    config.partitions !== undefined && config.partitions !== settled.partitions && "PARTITIONS",
    differs(config.external.redis, settled.external.redis) && "UPSTASH_REDIS_REST_URL",
    differs(config.external.rabbitmq, settled.external.rabbitmq) && "RABBITMQ_URL",
    ...changedDatabases(config.external, settled.external),
    differs(config.external.zookeeper, settled.external.zookeeper) && "ZOOKEEPER_URL",
  ].filter((name) => name !== false);
  if (changed.length === 0) return;
  throw new StackError(
    `what runs was started with another ${changed.join(", ")}: npm run down first`,
  );
}

/** MYSQL_URL, where one address names all that changed. */
function changedDatabases(given: External, settled: External): (string | false)[] {
  const changed = databaseSettings(given.databases ?? {}).filter(({ schemas }) =>
    schemas.some((schema) => differs(given.databases?.[schema], settled.databases?.[schema])),
  );
  return changed.map(({ setting }) => setting);
}

function differs(given: unknown, settled: unknown): boolean {
  return given !== undefined && !isDeepStrictEqual(given, settled);
}
