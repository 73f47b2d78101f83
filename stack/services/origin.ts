import { environmentOf } from "../environment.ts";
import { portOf } from "../layout.ts";
import { probeHttp } from "../probes/http.ts";
import { bunService } from "./bun-service.ts";

export const origin = bunService({
  name: "origin",
  entry: "origin/main.ts",
  needs: ["rabbitmq"],
  // Booking goes on without them.
  after: ["zookeeper", "migrations"],
  settings: (plan) => ({
    // A trial needs no campus sign-in. An operator sets DEMO_LOGIN=0 to turn the demo sign-in off.
    DEMO_LOGIN: plan.inherited["DEMO_LOGIN"] ?? "1",
    ...environmentOf(plan),
    ORIGIN_HOST: "127.0.0.1",
    ORIGIN_PORT: String(portOf(plan.basePort, "origin")),
  }),
  probe: (plan) => probeHttp(`${environmentOf(plan).ORIGIN_URL}/readyz`),
  stopWithinMs: 15_000,
});
