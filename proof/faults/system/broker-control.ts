import { connect, type SocketOptions } from "amqplib";
import { queueNames } from "../../../contract/names.ts";
import { paths } from "../../../stack/layout.ts";
import { programs } from "../../../stack/programs.ts";
import { runTool } from "../../../stack/tool.ts";
import type { FaultSystem } from "./system.ts";

const TIMEOUT_MS = 15_000;
/** The weight of the bindings in queue/topology.ts. */
const BINDING_WEIGHT = "50";

/** Runs `rabbitmqctl` on the broker. Rejects if it fails. */
export async function rabbitmqctl({ units }: FaultSystem, ...args: string[]): Promise<void> {
  const { launched, plan } = units.rabbitmq;
  const what = launched();
  if (!what) throw new Error("the broker was never started");
  const command: [string, ...string[]] = [programs.rabbitmqctl, "--timeout", "10", ...args];
  await runTool(
    { ...what, command },
    { log: paths.log(plan.dir, "rabbitmqctl"), signal: AbortSignal.timeout(TIMEOUT_MS) },
  );
}

/**
 * Binds partitions to the exchange, or unbinds them: the commands of an unbound partition go to
 * other partitions, or nowhere when all are unbound.
 */
export async function bindOrUnbind(
  { direct }: FaultSystem,
  how: "bindQueue" | "unbindQueue",
  partitions: number[],
): Promise<void> {
  const socket = new AbortController();
  const deadline = setTimeout(() => socket.abort(), TIMEOUT_MS);
  try {
    const options: SocketOptions & { signal: AbortSignal } = {
      noDelay: true,
      signal: socket.signal,
    };
    const model = await connect(direct.RABBITMQ_URL, options);
    model.on("error", () => {});
    const channel = await model.createChannel();
    channel.on("error", () => {});
    for (const index of partitions)
      await channel[how](queueNames.partition(index), queueNames.commands, BINDING_WEIGHT);
    const closed = new Promise((resolve) => model.once("close", resolve));
    model.close().catch(() => {});
    await closed;
  } finally {
    clearTimeout(deadline);
    socket.abort();
  }
}
