import { join } from "node:path";
import { paths, portOf } from "../stack/layout.ts";
import { readPlan } from "../stack/plan.ts";

const CTL = "/usr/lib/rabbitmq/bin/rabbitmqctl";

/**
 * Raises or ends the disk alarm of the test run's broker, as a full disk would. With the alarm the
 * whole broker takes no message.
 */
export async function setBrokerAlarm(isRaised: boolean): Promise<void> {
  const alarm = "{resource_limit, disk, node()}";
  const change = isRaised
    ? `rabbit_alarm:set_alarm({${alarm}, []})`
    : `rabbit_alarm:clear_alarm(${alarm})`;
  await evaluateOnBroker(change);
}

/** Lets the test run's broker evaluate an Erlang expression. Throws when rabbitmqctl fails. */
export async function evaluateOnBroker(expression: string): Promise<void> {
  const dir = process.env["LECTERN_STACK_DIR"] ?? "";
  const plan = readPlan(dir);
  if (!plan) throw new Error("LECTERN_STACK_DIR names no stack: run the tests with npm test");
  const home = paths.data(dir, "rabbitmq");
  const child = Bun.spawn([CTL, "--node", "lectern@localhost", "eval", `${expression}.`], {
    env: {
      PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: home,
      LANG: "C.UTF-8",
      ERL_EPMD_PORT: String(portOf(plan.basePort, "epmd")),
      RABBITMQ_CONF_ENV_FILE: "/dev/null",
      RABBITMQ_ENABLED_PLUGINS_FILE: join(home, "enabled_plugins"),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  if ((await child.exited) !== 0)
    throw new Error(
      `rabbitmqctl: ${await new Response(child.stderr).text()}${await new Response(child.stdout).text()}`,
    );
}
