import { paths, portOf } from "../stack/layout.ts";
import { readPlan } from "../stack/plan.ts";

/** Of the package erlang-base. It answers in milliseconds; `rabbitmqctl` starts an Erlang first. */
const ERL_CALL = "/usr/lib/erlang/bin/erl_call";
const TIMEOUT_S = 30;

/** Lets the test run's broker evaluate an Erlang expression. Throws when the evaluation fails. */
export async function evaluateOnBroker(expression: string): Promise<void> {
  const dir = process.env["LECTERN_STACK_DIR"] ?? "";
  const plan = readPlan(dir);
  if (!plan) throw new Error("LECTERN_STACK_DIR names no stack: run the tests with npm test");
  // The broker refuses a second client of one name, so each call has a name of its own.
  const client = `test-${crypto.randomUUID()}`;
  const options = ["-h", client, "-n", "lectern@localhost", "-timeout", String(TIMEOUT_S), "-e"];
  const child = Bun.spawn([ERL_CALL, ...options], {
    env: {
      HOME: paths.data(dir, "rabbitmq"),
      ERL_EPMD_PORT: String(portOf(plan.basePort, "epmd")),
    },
    stdio: [Buffer.from(`${expression}.\n`), "pipe", "pipe"],
  });
  const [answer, trouble] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0 || !answer.startsWith("{ok, "))
    throw new Error(`erl_call: ${answer}${trouble}`);
}
