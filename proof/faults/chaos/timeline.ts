import { setTimeout as sleep } from "node:timers/promises";
import type { FaultSystem } from "../system/system.ts";
import type { PlannedFault } from "./schedule.ts";

const HEAL_WITHIN_MS = 180_000;
const HEAL_AGAIN_AFTER_MS = 500;

/**
 * Begins and heals every fault at its time. Resolves once all are healed and every process is
 * ready. Rejects if a heal takes over three minutes. An interrupt heals the begun faults and begins
 * no more.
 *
 * @returns `notBegun`: faults that could not begin, as their target was already down; `healedAtMs`:
 *   when everything had healed and every process worked again, by `performance.now()`
 */
export async function playFaults(
  system: FaultSystem,
  faults: PlannedFault[],
  { opensAtMs, interrupted }: { opensAtMs: number; interrupted: AbortSignal },
) {
  const notBegun: string[] = [];
  await Promise.all(
    faults.map(async ({ fault, beginsAtMs, lastsMs }) => {
      await until(opensAtMs + beginsAtMs, interrupted);
      if (interrupted.aborted) return;
      await fault.begin(system).catch((error: unknown) => {
        notBegun.push(`${fault.what}: ${error instanceof Error ? error.message : error}`);
      });
      await until(opensAtMs + beginsAtMs + lastsMs, interrupted);
      await healPatiently(system, fault);
    }),
  );
  await Promise.all(Object.values(system.units).map((unit) => unit.untilReady(HEAL_WITHIN_MS)));
  return { notBegun, healedAtMs: performance.now() };
}

/** The heal of a broker or database may need another server that is just starting. */
async function healPatiently(system: FaultSystem, fault: PlannedFault["fault"]): Promise<void> {
  const endsAtMs = performance.now() + HEAL_WITHIN_MS;
  for (;;) {
    try {
      await fault.heal?.(system);
      return;
    } catch (error) {
      if (performance.now() > endsAtMs)
        throw new Error(`could not heal: ${fault.what}`, { cause: error });
      await Bun.sleep(HEAL_AGAIN_AFTER_MS);
    }
  }
}

/** Waits for a time of `performance.now()`, or for the interrupt. */
async function until(timeMs: number, interrupted: AbortSignal): Promise<void> {
  const waitMs = Math.max(0, timeMs - performance.now());
  await sleep(waitMs, undefined, { signal: interrupted }).catch(() => {});
}
