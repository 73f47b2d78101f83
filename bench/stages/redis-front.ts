import type { Measure, Stage } from "../stage.ts";
import { runWrk } from "../wrk.ts";
import { asksOfAnEdge } from "./redis-front/asks.ts";
import { startBare } from "./redis-front/bare-process.ts";
import { type Booking, prepareBookings } from "./redis-front/bookings.ts";

/** The edge keeps its connections; as many requests are under way as a busy one has. */
const CONNECTIONS = 64;

/** Redis over HTTP, asked what an edge asks, by a generator that takes less than an edge. */
export const redisFront: Stage = {
  name: "redis front",
  ceiling: "bare Bun.serve, one socket",
  atLeast: 0.8,
  async open({ environment }) {
    const { REDIS_URL = "", UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = environment;
    const bookings = await prepareBookings({ redisUrl: REDIS_URL, url, token });
    const bare = await startBare({ redisUrl: REDIS_URL, token });
    const load =
      (url: string, asked: Booking[]): Measure =>
      (seconds) =>
        runWrk({ url, seconds, connections: CONNECTIONS, lua: asksOfAnEdge(asked, token) });
    return {
      ours: load(url, bookings.forOurs),
      bare: load(bare.url, bookings.forBare),
      async close() {
        await bare.close();
        await bookings.clear();
      },
    };
  },
};
