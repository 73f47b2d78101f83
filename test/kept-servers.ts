import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import * as z from "zod";
import { ROOT } from "../stack/layout.ts";
import { runningNames } from "../stack/records.ts";
import { laneOf, TEST_DIR } from "./lanes.ts";

/** The environment of the kept servers. It holds their passwords, so only its owner may read it. */
const FILE = join(TEST_DIR, "environment.json");

/** The lane whose servers are kept; a single file needs no second one. */
export const KEPT_LANE = laneOf(0);

const Environment = z.record(z.string(), z.string());

/** The code of the services in the private stack. A change needs a new start. */
const SERVICE_CODE = new Glob(
  "{edge,origin,worker,contract,admission,pending,queue,database,catalogue,runtime,redis-front}" +
    "/**/*.{ts,lua,json}",
);

/** Records that the private servers stay up after this process. */
export function keepServers(environment: Record<string, string>): void {
  writeFileSync(FILE, JSON.stringify(environment), { mode: 0o600 });
}

/** Records that the private servers are no longer kept. */
export function forgetServers(): void {
  rmSync(FILE, { force: true });
}

/** The environment of the servers that `npm run test:up` keeps; undefined when they do not run. */
export function keptEnvironment(): Record<string, string> | undefined {
  const { systemDir, roomsDir } = KEPT_LANE;
  const running = runningNames(systemDir).length > 0 && runningNames(roomsDir).length > 0;
  if (!running || !existsSync(FILE)) return undefined;
  return Environment.parse(JSON.parse(readFileSync(FILE, "utf8")));
}

/**
 * A source file that changed since the kept services started; undefined when they run the present
 * code.
 */
export function changedSinceStart(): string | undefined {
  const startedAtMs = statSync(FILE).mtimeMs;
  return [...SERVICE_CODE.scanSync(ROOT)].find(
    (file) => !file.endsWith("test.ts") && statSync(join(ROOT, file)).mtimeMs > startedAtMs,
  );
}
