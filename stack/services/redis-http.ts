import { environmentOf } from "../environment.ts";
import { portOf } from "../layout.ts";
import { probeRedisHttp } from "../probes/redis.ts";
import { bunService } from "./bun-service.ts";

export const redisHttp = bunService({
  name: "redis-http",
  entry: "redis-front/main.ts",
  needs: ["redis"],
  settings: (plan) => ({
    REDIS_HTTP_HOST: "127.0.0.1",
    REDIS_HTTP_PORT: String(portOf(plan.basePort, "redis-http")),
    REDIS_HTTP_TOKEN: plan.secrets.redisHttpToken,
    REDIS_URL: `redis://127.0.0.1:${portOf(plan.basePort, "redis")}`,
  }),
  probe: (plan) => {
    const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = environmentOf(plan);
    return probeRedisHttp(url, token);
  },
  stopWithinMs: 5_000,
});
