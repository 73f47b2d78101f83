import { type ChannelModel, connect, type SocketOptions } from "amqplib";
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
 * Unbinds partitions from the exchange: their commands go to other partitions, or nowhere when all
 * are unbound.
 */
export async function unbind(system: FaultSystem, partitions: number[]): Promise<void> {
  await withChannel(system, async (channel) => {
    for (const index of partitions)
      await channel.unbindQueue(queueNames.partition(index), queueNames.commands, BINDING_WEIGHT);
  });
}

export async function bind(system: FaultSystem, partitions: number[]): Promise<void> {
  await withChannel(system, async (channel) => {
    for (const index of partitions)
      await channel.bindQueue(queueNames.partition(index), queueNames.commands, BINDING_WEIGHT);
  });
}

type Channel = Awaited<ReturnType<ChannelModel["createChannel"]>>;

async function withChannel({ direct }: FaultSystem, work: (channel: Channel) => Promise<void>) {
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
    await work(channel);
    const closed = new Promise((resolve) => model.once("close", resolve));
    model.close().catch(() => {});
    await closed;
  } finally {
    clearTimeout(deadline);
    socket.abort();
  }
}
