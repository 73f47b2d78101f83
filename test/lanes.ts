import { join } from "node:path";
import * as z from "zod";
import { ROOT } from "../stack/layout.ts";

/** Everything that test runs leave on disk. */
export const TEST_DIR = join(ROOT, ".stack-test");

/**
 * Test files that run at the same time, each with servers of its own: as many as the cores of the
 * smallest machine that Lectern is tested on.
 */
export const LANES = 2;

/** A lane's servers: the whole system, and the servers of the tests of one room. */
export interface Lane {
  systemDir: string;
  roomsDir: string;
}

/** The lane of a number from 0 on. */
export function laneOf(index: number): Lane {
  const dir = join(TEST_DIR, `lane-${index + 1}`);
  return { systemDir: join(dir, "system"), roomsDir: join(dir, "rooms") };
}

export const ALL_LANES: Lane[] = Array.from({ length: LANES }, (_, index) => laneOf(index));

/** The variable with the environments of all lanes, as JSON. */
export const LANES_SETTING = "LECTERN_TEST_LANES";

const Environments = z.array(z.record(z.string(), z.string()));

/**
 * Takes the environment of this process' lane. Bun numbers the processes of a parallel run from 1
 * on in BUN_TEST_WORKER_ID. Without lanes, as on kept servers, nothing changes.
 */
export function enterLane(environment: Record<string, string | undefined>): void {
  const lanes = environment[LANES_SETTING];
  if (lanes === undefined) return;
  const index = Number(environment["BUN_TEST_WORKER_ID"] ?? 1) - 1;
  const own = Environments.parse(JSON.parse(lanes))[index];
  if (!own) throw new Error(`the tests have no servers for a process number ${index + 1}`);
  delete environment[LANES_SETTING];
  Object.assign(environment, own);
}
