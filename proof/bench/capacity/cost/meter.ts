import { listPendingPaths } from "../../../../pending/read.ts";
import { expectAnswers, type Pressed } from "../../load/press.ts";
import { type ByPart, type CpuUsed, cpuPerOperation, metered } from "../../processes.ts";
import type { Bench } from "../bench.ts";

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
    const { result, seconds, cpu } = await metered(system, async () => {
      const pressed = await load();
      expectAnswers(pressed, expected);
      while ((await listPendingPaths(clients.zooKeeper)).length > 0) await Bun.sleep(20);
      return pressed;
    });
    const cpuMs = cpuPerOperation(cpu, result.count, { perS: idleMsPerS, seconds });
    const perS = Math.round(result.count / seconds);
    return { request, perS, cpuMs, othersCpus: cpu.others / seconds / 1_000 };
  };
}
