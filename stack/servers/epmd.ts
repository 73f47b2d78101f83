import { mkdirSync } from "node:fs";
import { paths, portOf } from "../layout.ts";
import type { Part } from "../part.ts";
import { troubleOfConnecting } from "../probes/connecting.ts";
import { programs } from "../programs.ts";
import { serverEnvironment } from "./server-environment.ts";

/**
 * The name server of RabbitMQ's node. Without it the broker starts the machine's epmd and leaves it
 * behind.
 */
export const epmd: Part = {
  name: "epmd",
  ports: ["epmd"],
  needs: [],
  prepare: (plan) => {
    const cwd = paths.data(plan.dir, "epmd");
    mkdirSync(cwd, { recursive: true, mode: 0o700 });
    const port = portOf(plan.basePort, "epmd");
    const command: [string, ...string[]] = [
      programs.epmd,
      "-port",
      String(port),
      "-address",
      "127.0.0.1",
    ];
    return { command, env: serverEnvironment(cwd), cwd };
  },
  probe: (plan) => troubleOfConnecting("127.0.0.1", portOf(plan.basePort, "epmd")),
  stopWithinMs: 3_000,
};
