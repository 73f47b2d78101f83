import { paths, portOf } from "../stack/layout.ts";
import { readPlan } from "../stack/plan.ts";

/** Part of Debian's erlang-base. It needs some 20 ms; rabbitmqctl starts a node for seconds. */
const ERL_CALL = "/usr/bin/erl_call";

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

/** Lets the test run's broker evaluate an Erlang expression. Throws where it fails. */
export async function evaluateOnBroker(expression: string): Promise<void> {
  const dir = process.env["LECTERN_STACK_DIR"] ?? "";
  const plan = readPlan(dir);
  if (!plan) throw new Error("LECTERN_STACK_DIR names no stack: run the tests with npm test");
  const child = Bun.spawn([ERL_CALL, "-sname", "lectern@localhost", "-e"], {
    env: {
      HOME: paths.data(dir, "rabbitmq"), // holds the node's cookie
      ERL_EPMD_PORT: String(portOf(plan.basePort, "epmd")),
    },
    stdio: [Buffer.from(`${expression}.\n`), "pipe", "pipe"],
  });
  const [status, answer, trouble] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (status !== 0 || !answer.startsWith("{ok,"))
    throw new Error(`the broker refuses ${expression}: ${answer}${trouble}`);
}
