import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CrashPoint } from "../../../runtime/crash-points/crash-point.ts";
import { environmentOf } from "../../../stack/environment.ts";
import { portOf } from "../../../stack/layout.ts";
import type { Part } from "../../../stack/part.ts";
import type { Plan } from "../../../stack/plan.ts";
import type { Ending } from "../../../stack/processes.ts";
import { bunService } from "../../../stack/services/bun-service.ts";
import { edge } from "../../../stack/services/edge.ts";
import { origin } from "../../../stack/services/origin.ts";
import { worker } from "../../../stack/services/worker.ts";
import { type StartedPart, startPart } from "../../../stack/start-part.ts";
import { eventually } from "../../../test/servers.ts";

/** The services that die. */
export const DOOMED = ["edge", "origin", "worker"] as const;
export type ServiceName = (typeof DOOMED)[number];

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

export type DoomedServices = Awaited<ReturnType<typeof startDoomedServices>>;

/** How long a service may take to receive its crash point, in milliseconds. */
const TOLD_WITHIN_MS = 5_000;
const BACK_WITHIN_MS = 30_000;

/**
 * Starts edge, origin and worker so that each can end at a crash point, and restarts every ended
 * service, as a process manager does, until `stopping`.
 */
export async function startDoomedServices(plan: Plan, stopping: AbortSignal) {
  const orders = join(plan.dir, "crash-orders");
  const reached = join(plan.dir, "crash-reached");
  writeFileSync(reached, "");
  const started: StartedPart[] = [];
  const running = new Map<ServiceName, StartedPart>();
  const endings: { service: ServiceName; ending: Ending }[] = [];

  async function start(service: ServiceName, part: Part): Promise<void> {
    await startPart(plan, part, started, stopping);
    const now = started.at(-1);
    if (now?.part !== part) throw new Error(`${service} ran already`);
    running.set(service, now);
    void now.ended.then((ending) => {
      if (stopping.aborted) return;
      endings.push({ service, ending });
      start(service, part).catch((error: unknown) => {
        if (!stopping.aborted) console.error(`${service} did not come back:`, error);
      });
    });
  }

  await start("origin", doomed(origin, orders, reached));
  await start("worker", doomed(worker, orders, reached));
  await start("edge", doomed(edgeOnBun, orders, reached));

  return {
    /**
     * Orders a service to end when it next reaches `point`. Resolves when the service has the
     * order.
     */
    async order(service: ServiceName, point: CrashPoint): Promise<void> {
      const { id } = running.get(service) ?? {};
      if (!id) throw new Error(`${service} does not run`);
      writeFileSync(orders, point);
      const told = linesOf(reached).length;
      process.kill(id.pid, "SIGUSR2");
      const isTold = async () => linesOf(reached).slice(told).includes(`ordered ${point}`);
      await eventually(`${service} is told to end at ${point}`, isTold, TOLD_WITHIN_MS);
    },

    /** Resolves when the service has reached its point, was killed there, and runs again. */
    async untilKilled(service: ServiceName, point: CrashPoint, withinMs: number): Promise<void> {
      const { id } = running.get(service) ?? {};
      const isReached = async () => linesOf(reached).at(-1) === `reached ${point}`;
      await eventually(`${service} comes to ${point}`, isReached, withinMs);
      const isBack = async () => {
        const last = endings.at(-1);
        const now = running.get(service);
        const isKilled = last?.service === service && last.ending === "SIGKILL";
        return isKilled && now?.id !== id && now?.isReady;
      };
      await eventually(`${service} was killed at ${point} and is back`, isBack, BACK_WITHIN_MS);
    },

    /** Processes that ended without an order. */
    unexpectedEndings: () => endings.filter(({ ending }) => ending !== "SIGKILL"),
  };
}

function linesOf(file: string): string[] {
  return readFileSync(file, "utf8").split("\n").filter(Boolean);
}

function doomed(part: Part, orders: string, reached: string): Part {
  return {
    ...part,
    async prepare(plan, signal) {
      const { command, ...launch } = await part.prepare(plan, signal);
      const [bun, entry = ""] = command;
      const doom = "proof/faults/crash-points/doomed.ts";
      return { ...launch, command: [bun, doom, entry, orders, reached] };
    },
  };
}
