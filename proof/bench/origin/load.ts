import { openConnections } from "../load/connections.ts";
import { closedLoop, expectAnswers } from "../load/press.ts";
import { signedCommandMaker } from "../load/signed-command.ts";

export interface OriginLoad {
  port: number;
  /** as in EDGE_KEYS */
  edgeKeys: string;
  /** commands under way at once */
  clients: number;
}

const BUDGET_MS = 10_000;

/**
 * Lets an origin queue commands over HTTP for this many seconds, all for a lecture that does not
 * exist: a worker, if present, ends them. Returns the queued commands per second. Rejects if any
 * was not queued.
 */
export async function queueCommands(
  { port, edgeKeys, clients }: OriginLoad,
  seconds: number,
): Promise<number> {
  const connections = await openConnections(port, clients);
  const next = signedCommandMaker(edgeKeys, BUDGET_MS);
  try {
    const pressed = await closedLoop({ connections, next }, { clients, seconds });
    expectAnswers(pressed, "200 queued");
    return pressed.count / seconds;
  } finally {
    connections.close();
  }
}

/**
 * Bun optimises an origin's code for this many requests: one took 401 µs of CPU in the first six
 * seconds and 210 after two minutes. The unit is requests, since a slower machine needs more time.
 */
const WARM_AFTER = 150_000;
const WARM_UP_SLICE_SECONDS = 5;

/** Loads an origin until the compiler has finished its optimisations. */
export async function warmUpOrigin(load: OriginLoad): Promise<void> {
  for (let queued = 0; queued < WARM_AFTER; )
    queued += WARM_UP_SLICE_SECONDS * (await queueCommands(load, WARM_UP_SLICE_SECONDS));
}
