import { runtimes, serveEdge } from "../../../test/edge-runtimes.ts";
import { mintTokens } from "../edge/crowd.ts";
import { CONNECTIONS } from "../edge/load.ts";
import { edgeSettings } from "../edge/settings.ts";
import { startStubOrigin } from "../edge/stub-origin.ts";
import { originLoad } from "../origin/load.ts";
import type { InTurn, Stage } from "../stage.ts";
import type { BenchSystem } from "../system.ts";
import { openPartsAlone } from "./whole-path/alone.ts";
import { confirmAll } from "./whole-path/confirm.ts";

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
  const { environment } = system;
  const [workerd] = runtimes;
  const stub = startStubOrigin();
  const edge = await serveEdge(workerd, edgeSettings(environment));
  const idleOrigin = { ...environment, ORIGIN_URL: stub.url };
  const edgeAlone = await serveEdge(workerd, edgeSettings(idleOrigin));
  const tokens = mintTokens(environment.SESSION_KEYS, STUDENTS);
  const alone = await openPartsAlone(system, edgeAlone, tokens);
  const origin = originLoad(environment, CONNECTIONS);

  return {
    /** The worker decides the commands that this origin queues, and is warm afterwards too. */
    async warmUp() {
      await Promise.all([origin.warmUp(), alone.warmUp()]);
    },
    ours: (seconds) => confirmAll(environment, { edgeUrl: edge.url, tokens, seconds }),
    async bare(seconds) {
      const rates = await alone.measure(seconds);
      return 1 / rates.reduce((sum, rate) => sum + 1 / rate, 0);
    },
    async close() {
      await alone.close();
      for (const opened of [edge, edgeAlone, stub]) await opened.close();
    },
  };
}
