import { listPendingPaths } from "../../../../pending/read.ts";
import { expectAnswers, type Pressed } from "../load/press.ts";
import type { Bench } from "../measurement.ts";
import {
  type ByPart,
  type CpuUsed,
  countCpu,
  cpuPerOperation,
  eachPart,
} from "../system/processes.ts";

/** The requests to the edge. */
export type RequestName =
  | "confirmed"
  | "confirmedWaiting"
  | "refusedByRedis"
  | "soldOutNewToken"
  | "soldOutSeenToken"
  | "status"
  | "availability";

/** The cost of one request, at a load that the machine just carries. */
export interface RequestCost {
  request: RequestName;
  perS: number;
  /** in milliseconds per request, without the processes' idle use */
  cpuMs: CpuUsed;
  /** CPUs in use by other programs of the machine meanwhile */
  othersCpus: number;
}

const IDLE_S = 3;

/** Every process' idle use, in milliseconds of CPU per second. */
export async function measureIdle({ system, tell }: Bench): Promise<ByPart> {
  tell("cost of a request: nothing to do");
  await Bun.sleep(1_000);
  const counted = countCpu(system);
  await Bun.sleep(IDLE_S * 1_000);
  const { parts } = counted();
  return eachPart((part) => parts[part] / IDLE_S);
}

export type Meter = ReturnType<typeof requestMeter>;

/**
 * Returns a function that measures a load's cost, from its first request until all its effects have
 * come to rest.
 */
export function requestMeter({ system, clients, tell }: Bench, idleMsPerS: ByPart) {
  return async (
    request: RequestName,
    expected: string,
    load: () => Promise<Pressed>,
  ): Promise<RequestCost> => {
    tell(`cost of a request: ${request}`);
    const [counted, startedMs] = [countCpu(system), performance.now()];
    const pressed = await load();
    expectAnswers(pressed, expected);
    while ((await listPendingPaths(clients.zooKeeper)).length > 0) await Bun.sleep(20);
    const seconds = (performance.now() - startedMs) / 1_000;
    const used = counted();
    const cpuMs = cpuPerOperation(used, pressed.count, { perS: idleMsPerS, seconds });
    const perS = Math.round(pressed.count / seconds);
    return { request, perS, cpuMs, othersCpus: used.others / seconds / 1_000 };
  };
}
