import { CONNECTIONS, edgeLoad } from "../../edge/load.ts";
import { openMeasuredProcess } from "../../measured-process.ts";
import { originLoad } from "../../origin/load.ts";
import { startOrigin } from "../../origin/process.ts";
import type { BenchSystem } from "../../system.ts";
import { openLeftovers } from "../leftovers.ts";

/**
 * Prepares separate measurements of the whole path's parts, apart from the system's worker, which
 * would take the queued commands.
 */
export async function openPartsAlone(
  { apart }: BenchSystem,
  edge: { url: string },
  tokens: string[],
) {
  const edgeAlone = edgeLoad(apart, { tokens, loaded: "taking" })(edge);
  const leftovers = await openLeftovers(apart);
  const origin = await startOrigin(apart);
  const load = originLoad(origin.environment, CONNECTIONS);
  const worker = await openMeasuredProcess("proof/bench/stages/worker/process.ts", apart);

  return {
    /** Loads the origin until it is warm. */
    async warmUp(): Promise<void> {
      await load.warmUp();
      await leftovers.clear();
    },

    /**
     * Per second, each alone: the edge's accepted presses, the origin's queued commands, the worker's
     * settled commands.
     */
    async measure(seconds: number): Promise<number[]> {
      const accepted = await edgeAlone(seconds);
      const queued = await load.queue(seconds);
      await leftovers.clear();
      return [accepted, queued, await worker.ours(seconds)];
    },

    async close(): Promise<void> {
      await worker.close();
      await origin.close();
      await leftovers.close();
    },
  };
}
