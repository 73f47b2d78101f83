import { CONNECTIONS } from "../edge/load.ts";
import { startProgram } from "../measured-process.ts";
import { onOneCore } from "../on-one-core.ts";
import type { Stage } from "../stage.ts";
import { runWrk } from "../wrk.ts";
import { asksOfAnEdge } from "./redis-front/asks.ts";
import { type Booking, prepareBookings } from "./redis-front/bookings.ts";

interface Front {
  url: string;
  pid: number;
  asked: Booking[];
  close(): Promise<unknown>;
}

/**
 * Redis over HTTP with an edge's requests, from a generator that takes less than an edge, in
 * requests per second of the front's own CPU.
 */
export const redisFront: Stage = {
  name: "redis front",
  ceiling: "bare Bun.serve, one socket",
  atLeast: 0.8,
  async open({ environment, pidOf }) {
    const { REDIS_URL = "", UPSTASH_REDIS_REST_TOKEN: token } = environment;
    const pid = pidOf("redis-http");
    if (pid === undefined) throw new Error("the Redis HTTP front does not run");
    const bookings = await prepareBookings(environment);
    const settings = { REDIS_URL, TOKEN: token };
    const bare = await startProgram("proof/bench/stages/redis-front/bare.ts", settings);
    const ours = { url: environment.UPSTASH_REDIS_REST_URL, pid, close: async () => {} };
    return onOneCore<Front>(
      {
        ours: { ...ours, asked: bookings.forOurs },
        bare: { ...bare, asked: bookings.forBare },
      },
      ({ url, asked }) => {
        const lua = asksOfAnEdge(asked, token);
        return (seconds) => runWrk({ url, seconds, connections: CONNECTIONS, lua });
      },
      { close: bookings.clear },
    );
  },
};
