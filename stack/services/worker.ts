import { environmentOf } from "../environment.ts";
import { portOf } from "../layout.ts";
import { probeHttp } from "../probes/http.ts";
import { bunService } from "./bun-service.ts";

export const worker = bunService({
  name: "worker",
  entry: "worker/main.ts",
  needs: ["redis-http", "rabbitmq", "zookeeper", "migrations"],
  settings: (plan) => ({
    ...environmentOf(plan),
    WORKER_HOST: "127.0.0.1",
    WORKER_PORT: String(portOf(plan.basePort, "worker")),
  }),
  probe: (plan) => probeHttp(`${environmentOf(plan).WORKER_URL}/readyz`),
  stopWithinMs: 15_000,
});
