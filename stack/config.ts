import { resolve } from "node:path";
import * as z from "zod";
import { textWithout } from "../contract/settings.ts";
import { faultOfDatabaseUrl } from "../database/address.ts";
import { SCHEMAS, type Schema, SETTING_OF, urlsOfSchemas } from "../database/schemas.ts";
import { faultOfZooKeeperAddress } from "../pending/address.ts";
import { faultOfBrokerUrl } from "../queue/address.ts";
import { faultOfAuthorities } from "./authorities.ts";
import { PORTS, ROOT } from "./layout.ts";
import { StackError } from "./stack-error.ts";

/**
 * The address of an Upstash-compatible front. It takes no query and no user, since paths are
 * appended.
 */
const httpUrl = textWithout((text) => {
  const url = URL.parse(text);
  const isPlain = url && /^https?:$/.test(url.protocol) && url.search === "" && url.username === "";
  return isPlain ? undefined : "not of the form https://host";
});

const Settings = z.object({
  /** where the stack keeps its data, logs and secrets; a relative path is below the source tree */
  LECTERN_STACK_DIR: z.string().default(".stack"),
  /** the first port of the stack's block */
  LECTERN_PORT: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(65_536 - PORTS.length)
    .optional(),
  PARTITIONS: z.coerce.number().int().min(1).max(256).optional(),
  UPSTASH_REDIS_REST_URL: httpUrl.optional(),
  UPSTASH_REDIS_REST_TOKEN: z.string().optional(),
  RABBITMQ_URL: textWithout(faultOfBrokerUrl).optional(),
  /** the server of all three schemas; the settings behind it name one schema each, and win */
  MYSQL_URL: textWithout(faultOfDatabaseUrl).optional(),
  BOOKING_MYSQL_URL: textWithout(faultOfDatabaseUrl).optional(),
  CATALOGUE_MYSQL_URL: textWithout(faultOfDatabaseUrl).optional(),
  PEOPLE_MYSQL_URL: textWithout(faultOfDatabaseUrl).optional(),
  ZOOKEEPER_URL: textWithout(faultOfZooKeeperAddress).optional(),
  /** a file with authorities trusted in addition to the public ones; Bun reads it by itself */
  NODE_EXTRA_CA_CERTS: textWithout(faultOfAuthorities).optional(),
});

/** Existing servers. The stack uses them and starts none of its own in their place. */
export const External = z.object({
  redis: z.object({ url: z.string(), token: z.string() }).optional(),
  rabbitmq: z.string().optional(),
  /** by schema; the stack's own server has the others */
  databases: z.partialRecord(z.enum(SCHEMAS), z.string()).optional(),
  zookeeper: z.string().optional(),
});
export type External = z.infer<typeof External>;

/** A server that the stack runs unless an existing one does all its work. */
export type Server = "redis" | "rabbitmq" | "mysql" | "zookeeper";

/** Whether existing servers do all the work of this one. */
export function isReplaced(server: Server, { databases, ...others }: External): boolean {
  return server === "mysql"
    ? SCHEMAS.every((schema) => databases?.[schema] !== undefined)
    : others[server] !== undefined;
}

export interface StackConfig {
  /** an absolute path */
  dir: string;
  basePort: number | undefined;
  partitions: number | undefined;
  external: External;
  /** whether the catalogue gets a replica of the stack's own; a later start keeps it */
  replica?: boolean;
  /** the operator's environment, for the services' other settings */
  inherited: Record<string, string>;
}

/** The settings of the stack. Throws StackError that names every wrong one, without its value. */
export function readConfig(environment: Record<string, string | undefined>): StackConfig {
  // `NAME= npm start` gives an empty value, which means: not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = Settings.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new StackError(`wrong settings: ${faults.join("; ")}`);
  }
  return {
    dir: stackDir(parsed.data.LECTERN_STACK_DIR),
    basePort: parsed.data.LECTERN_PORT,
    partitions: parsed.data.PARTITIONS,
    external: externalServers(parsed.data),
    inherited: withoutNpm(environment),
  };
}

/** The stack directory of a command: LECTERN_STACK_DIR, or `.stack` by default. */
export function stackDir(name: string | undefined): string {
  return resolve(ROOT, name || ".stack");
}

function externalServers(settings: z.infer<typeof Settings>): External {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = settings;
  if ((url === undefined) !== (token === undefined)) {
    throw new StackError(
      "UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN belong together: set both or none",
    );
  }
  const databases = databasesIn(settings);
  return {
    ...(url && token && { redis: { url, token } }),
    ...(settings.RABBITMQ_URL && { rabbitmq: settings.RABBITMQ_URL }),
    ...(Object.keys(databases).length > 0 && { databases }),
    ...(settings.ZOOKEEPER_URL && { zookeeper: settings.ZOOKEEPER_URL }),
  };
}

function databasesIn(settings: z.infer<typeof Settings>): Partial<Record<Schema, string>> {
  const named = SCHEMAS.flatMap((schema) => {
    const url = settings[SETTING_OF[schema]];
    return url === undefined ? [] : [[schema, url] as const];
  });
  const all = settings.MYSQL_URL === undefined ? {} : urlsOfSchemas(settings.MYSQL_URL);
  return { ...all, ...Object.fromEntries(named) };
}

function withoutNpm(environment: Record<string, string | undefined>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !/^npm_/i.test(name)) kept[name] = value;
  }
  return kept;
}
