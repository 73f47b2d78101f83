import { runtimes, serveEdge } from "../../../test/edge-runtimes.ts";
import { mintTokens } from "../edge/crowd.ts";
import { ROOMY } from "../edge/stage.ts";
import { startStubOrigin } from "../edge/stub-origin.ts";
import { warmUpOrigin } from "../origin/load.ts";
import type { InTurn, Stage } from "../stage.ts";
import type { BenchSystem } from "../system.ts";
import { openPartsAlone } from "./whole-path/alone.ts";
import { CONNECTIONS, confirmAll } from "./whole-path/confirm.ts";

/**
 * From the press at an edge on workerd to the confirmed row, with all servers and services on these
 * cores. The ceiling is the parts one after the other, each with the cores to itself. The parts are
 * the edge with an idle origin, the origin without a worker, and the worker alone.
 */
export const wholePath: Stage = {
  name: "whole path",
  ceiling: "1 / Σ(1 / part alone)",
  atLeast: 0.8,
  open: openSides,
};

/** The edge knows their tokens after the first round. */
const STUDENTS = 1_000;

async function openSides(system: BenchSystem): Promise<InTurn> {
  const { UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN, EDGE_KEYS, SESSION_KEYS, ORIGIN_URL } =
    system.environment;
  const settings = {
    UPSTASH_REDIS_REST_URL,
    UPSTASH_REDIS_REST_TOKEN,
    EDGE_KEYS,
    SESSION_KEYS,
    ...ROOMY,
  };
  const [workerd] = runtimes;
  const stub = startStubOrigin();
  const edge = await serveEdge(workerd, { ...settings, ORIGIN_URL });
  const edgeAlone = await serveEdge(workerd, { ...settings, ORIGIN_URL: stub.url });
  const tokens = await mintTokens(SESSION_KEYS, STUDENTS);
  const alone = await openPartsAlone(system, edgeAlone.url, tokens);
  const origin = {
    port: Number(new URL(ORIGIN_URL).port),
    edgeKeys: EDGE_KEYS,
    clients: CONNECTIONS,
  };
  return {
    /** The worker decides the commands that this origin queues, and is warm afterwards too. */
    async warmUp() {
      await Promise.all([warmUpOrigin(origin), alone.warmUp()]);
    },
    ours: (seconds) => confirmAll(system.environment, { edgeUrl: edge.url, tokens, seconds }),
    async bare(seconds) {
      const rates = await alone.measure(seconds);
      return 1 / rates.reduce((sum, rate) => sum + 1 / rate, 0);
    },
    async close() {
      await alone.close();
      await edge.close();
      await edgeAlone.close();
      await stub.close();
    },
  };
}
