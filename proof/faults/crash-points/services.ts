import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CrashPoint } from "../../../runtime/crash-points/crash-point.ts";
import { environmentOf } from "../../../stack/environment.ts";
import { portOf } from "../../../stack/layout.ts";
import type { Plan } from "../../../stack/plan.ts";
import type { Launch } from "../../../stack/processes.ts";
import { bunService } from "../../../stack/services/bun-service.ts";
import { edge } from "../../../stack/services/edge.ts";
import { origin } from "../../../stack/services/origin.ts";
import { worker } from "../../../stack/services/worker.ts";
import { eventually } from "../../../test/servers.ts";
import { superviseUnit } from "../system/unit.ts";

/** The edge on Bun: a Worker cannot end its own process. */
const edgeOnBun = bunService({
  name: "edge",
  entry: "edge/bun.ts",
  needs: [],
  settings: (plan) => ({
    ...environmentOf(plan),
    EDGE_HOST: "127.0.0.1",
    EDGE_PORT: String(portOf(plan.basePort, "edge")),
  }),
  probe: edge.probe,
  stopWithinMs: 15_000,
});

/** The services that die, in the order of their start. */
const parts = { origin, worker, edge: edgeOnBun };
export type ServiceName = keyof typeof parts;
export const serviceNames = Object.keys(parts) as ServiceName[];

export type DoomedServices = ReturnType<typeof superviseDoomed>;

const READY_WITHIN_MS = 180_000;
/** How long a service may take to receive its crash point, in milliseconds. */
const TOLD_WITHIN_MS = 5_000;
const BACK_WITHIN_MS = 30_000;

/** Edge, origin and worker, so that each can end at a crash point. An ended service restarts. */
export function superviseDoomed(plan: Plan) {
  const orders = join(plan.dir, "crash-orders");
  const reached = join(plan.dir, "crash-reached");
  writeFileSync(reached, "");
  const linesReached = () => readFileSync(reached, "utf8").split("\n").filter(Boolean);
  const endings: string[] = [];
  /** the endings before the last order: a service may be killed before anybody waits for it */
  let endingsBefore = 0;

  const launchAs = ({ command: [bun, entry = ""], ...launch }: Launch): Launch => {
    const doomed = "proof/faults/crash-points/doomed.ts";
    return { ...launch, command: [bun, doomed, entry, orders, reached] };
  };
  const onOwnEnding = (what: string) => endings.push(what);
  const supervise = (name: ServiceName) =>
    superviseUnit({ name, plan, part: parts[name], launchAs, onOwnEnding, restartAfterMs: 0 });
  const units = {
    origin: supervise("origin"),
    worker: supervise("worker"),
    edge: supervise("edge"),
  };

  return {
    async start(signal: AbortSignal): Promise<void> {
      for (const name of serviceNames) {
        await units[name].start(signal);
        await units[name].untilReady(READY_WITHIN_MS, signal);
      }
    },

    /**
     * Orders a service to end when it next reaches `point`. Resolves when the service has the
     * order.
     */
    async order(service: ServiceName, point: CrashPoint): Promise<void> {
      const pid = units[service].pid();
      if (pid === undefined) throw new Error(`${service} does not run`);
      writeFileSync(orders, point);
      endingsBefore = endings.length;
      const told = linesReached().length;
      process.kill(pid, "SIGUSR2");
      const isTold = async () => linesReached().slice(told).includes(`ordered ${point}`);
      await eventually(`${service} is told to end at ${point}`, isTold, TOLD_WITHIN_MS);
    },

    /** Resolves when the service has reached its point, was killed there, and runs again. */
    async untilKilled(service: ServiceName, point: CrashPoint, withinMs: number): Promise<void> {
      const isReached = async () => linesReached().at(-1) === `reached ${point}`;
      await eventually(`${service} comes to ${point}`, isReached, withinMs);
      const isKilled = async () =>
        endings.slice(endingsBefore).some((ending) => isKill(ending, service));
      await eventually(`${service} was killed at ${point}`, isKilled, BACK_WITHIN_MS);
      await units[service].untilReady(BACK_WITHIN_MS);
    },

    /** Processes that ended without an order. */
    unexpectedEndings: () =>
      endings.filter((ending) => !serviceNames.some((service) => isKill(ending, service))),

    async close(hurry: AbortSignal): Promise<void> {
      for (const name of serviceNames.toReversed()) await units[name].close(hurry);
    },
  };
}

function isKill(ending: string, service: ServiceName): boolean {
  return ending.startsWith(`${service} was ended by SIGKILL`);
}
