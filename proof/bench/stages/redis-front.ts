import { onOneCore } from "../on-one-core.ts";
import type { Measure, Stage } from "../stage.ts";
import { runWrk } from "../wrk.ts";
import { asksOfAnEdge } from "./redis-front/asks.ts";
import { startBare } from "./redis-front/bare-process.ts";
import { type Booking, prepareBookings } from "./redis-front/bookings.ts";

/** The edge keeps its connections, with as many requests in flight as at a busy edge. */
const CONNECTIONS = 64;

/**
 * Redis over HTTP with an edge's requests, from a generator that takes less than an edge, in
 * requests per second of the front's own CPU.
 */
export const redisFront: Stage = {
  name: "redis front",
  ceiling: "bare Bun.serve, one socket",
  atLeast: 0.8,
  async open({ environment, pidOf }) {
    const {
      REDIS_URL = "",
      UPSTASH_REDIS_REST_URL: url,
      UPSTASH_REDIS_REST_TOKEN: token,
    } = environment;
    const pid = pidOf("redis-http");
    if (pid === undefined) throw new Error("the Redis HTTP front does not run");
    const bookings = await prepareBookings({ redisUrl: REDIS_URL, url, token });
    const bare = await startBare({ redisUrl: REDIS_URL, token });
    const load =
      (url: string, asked: Booking[]): Measure =>
      (seconds) =>
        runWrk({ url, seconds, connections: CONNECTIONS, lua: asksOfAnEdge(asked, token) });
    return {
      both: onOneCore(
        { pid, load: load(url, bookings.forOurs) },
        { pid: bare.pid, load: load(bare.url, bookings.forBare) },
      ),
      async close() {
        await bare.close();
        await bookings.clear();
      },
    };
  },
};
