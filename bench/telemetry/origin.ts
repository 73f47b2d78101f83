import { Keyring } from "../../contract/keyring.ts";
import { ROOT } from "../../stack/layout.ts";
import { findFreePorts } from "../../stack/ports.ts";
import { type Loaded, onOneCore } from "../on-one-core.ts";
import { openConnections } from "../overload/connections.ts";
import { closedLoop } from "../overload/load.ts";
import { commandMaker } from "../overload/signed-command.ts";
import type { Sides } from "../stage.ts";
import type { BenchSystem } from "../system.ts";
import { openSink, SAMPLED } from "./collector.ts";

const CLIENTS = 128;

/**
 * Bun is at work on an origin's code for its first hundred thousand requests, and has more to do where there is telemetry: a request took 401 µs in
 * the first six seconds and 210 after two minutes, and the ratio went from 0.92 to 1.
 */
const WARM_UP_SECONDS = 60;
const BUDGET_MS = 10_000;

/** The origin that queues commands over HTTP: with all its telemetry, and with none. Their lecture does not exist, so the worker ends them. */
export async function openOrigins({ environment }: BenchSystem): Promise<Sides> {
  const sink = openSink();
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, OTEL_TRACES_SAMPLER_ARG: SAMPLED };
  const ours = await startOrigin({ ...environment, ...traced });
  const bare = await startOrigin({ ...environment, METRICS: "0" });
  const keys = Keyring.parse(environment.EDGE_KEYS);
  const loaded = ({ pid, port }: Origin): Loaded => ({
    pid,
    async load(seconds) {
      const lectureId = String(100_000_000_000_000 + Math.floor(Math.random() * 899_999_999_999_999));
      const make = commandMaker(keys, { lectureId, budgetMs: BUDGET_MS });
      const connections = await openConnections(port, CLIENTS);
      const seen = await closedLoop({ connections, make, budgetMs: BUDGET_MS, seconds, clients: CLIENTS });
      connections.close();
      return seen.good / seconds;
    },
  });
  return {
    both: onOneCore(loaded(ours), loaded(bare)),
    warmUpSeconds: WARM_UP_SECONDS,
    async close() {
      await ours.close();
      await bare.close();
      await sink.close();
    },
  };
}

type Origin = Awaited<ReturnType<typeof startOrigin>>;

const READY_WITHIN_MS = 20_000;

async function startOrigin(environment: Record<string, string>) {
  const port = await findFreePorts(1);
  const child = Bun.spawn([process.execPath, "origin/main.ts"], {
    cwd: ROOT,
    env: { PATH: "/usr/bin:/bin", ...environment, ORIGIN_PORT: String(port), LOG_LEVEL: "error" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const close = async () => {
    child.kill("SIGTERM");
    await child.exited;
  };
  const endsAtMs = performance.now() + READY_WITHIN_MS;
  while (!(await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok) {
    await Bun.sleep(50);
    if (performance.now() < endsAtMs) continue;
    await close();
    throw new Error(`the origin was not ready within ${READY_WITHIN_MS} ms`);
  }
  return { pid: child.pid, port, close };
}
