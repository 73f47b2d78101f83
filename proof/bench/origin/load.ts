import type { StackEnvironment } from "../../../stack/environment.ts";
import { openConnections } from "../load/connections.ts";
import { closedLoop, expectAnswers } from "../load/press.ts";
import { signedCommandMaker } from "../load/signed-command.ts";

const BUDGET_MS = 10_000;

/**
 * Bun optimises an origin's code for this many requests: one took 401 µs of CPU in the first six
 * seconds and 210 after two minutes. The unit is requests, since a slower machine needs more time.
 */
const WARM_AFTER = 150_000;
const WARM_UP_SLICE_SECONDS = 5;

/**
 * Commands for an origin over HTTP, `clients` under way at once.
 *
 * @param environment its address and the edge's keys
 */
export function originLoad(
  { ORIGIN_URL, EDGE_KEYS }: Pick<StackEnvironment, "ORIGIN_URL" | "EDGE_KEYS">,
  clients: number,
) {
  /**
   * Lets the origin queue commands for this many seconds, all for a lecture that does not exist: a
   * worker, if present, ends them. Returns the queued commands per second. Rejects if any was not
   * queued.
   */
  async function queue(seconds: number): Promise<number> {
    const connections = await openConnections(Number(new URL(ORIGIN_URL).port), clients);
    const next = signedCommandMaker(EDGE_KEYS, BUDGET_MS);
    try {
      const pressed = await closedLoop({ connections, next }, { clients, seconds });
      expectAnswers(pressed, "200 queued");
      return pressed.count / seconds;
    } finally {
      connections.close();
    }
  }

  return {
    queue,
    /** Loads the origin until the compiler has finished its optimisations. */
    async warmUp(): Promise<void> {
      for (let queued = 0; queued < WARM_AFTER; )
        queued += WARM_UP_SLICE_SECONDS * (await queue(WARM_UP_SLICE_SECONDS));
    },
  };
}
