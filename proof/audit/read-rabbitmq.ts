import { type Channel, type ChannelModel, connect, type SocketOptions } from "amqplib";
import { Command } from "../../contract/command.ts";
import { queueNames } from "../../contract/names.ts";
import type { Database } from "../../database/pool.ts";
import { queueDepths } from "../../queue/depth.ts";
import type { BrokerFacts, DeadLetter, QueueFact } from "./facts.ts";
import { readDecided } from "./read-mysql.ts";
import type { AuditSources } from "./sources.ts";

/** The greatest number of dead letters read. */
const DEAD_MAX = 10_000;
const GETS_AT_A_TIME = 100;
const PATIENCE_MS = 10_000;

/** Reads the broker. Rejects without an answer within ten seconds. */
export async function readBroker({ rabbit, database }: AuditSources): Promise<BrokerFacts> {
  const queues = await readQueues(rabbit);
  const { bodies, unread } =
    queues.length > 0 ? await peekDead(rabbit.url) : { bodies: [], unread: 0 };
  return { queues, dead: await judgeDead(database, bodies), deadUnread: unread };
}

/**
 * The number of commands waiting in each partition. Empty before the queues are declared, when
 * nothing can be in them.
 */
export async function readQueues({
  url,
  partitions,
}: AuditSources["rabbit"]): Promise<QueueFact[]> {
  const depths = await queueDepths({ url, partitions, timeoutMs: PATIENCE_MS }).catch(
    (error: unknown) => {
      if ((error as { code?: unknown }).code === 404) return [];
      throw new Error("RabbitMQ does not tell the depth of its queues", { cause: error });
    },
  );
  return depths.flatMap(({ queue, ready }) =>
    queue === queueNames.dead ? [] : [{ name: queue, ready }],
  );
}

/**
 * Reads the bodies of the dead letters without acknowledging them, on a separate connection. All
 * letters return to the queue when the connection ends, so later readers find them whatever happens
 * here.
 */
async function peekDead(url: string): Promise<{ bodies: Buffer[]; unread: number }> {
  const socket = new AbortController();
  const deadline = setTimeout(() => socket.abort(), PATIENCE_MS);
  const options: SocketOptions & { signal: AbortSignal } = { noDelay: true, signal: socket.signal };
  try {
    const model = await connect(url, options);
    model.on("error", () => {}); // errors show in the answers
    const channel = await model.createChannel();
    channel.on("error", () => {});
    const peeked = await takeAll(channel);
    await leave(model);
    return peeked;
  } catch (error) {
    throw new Error("RabbitMQ does not show its dead letters", { cause: error });
  } finally {
    clearTimeout(deadline);
    socket.abort();
  }
}

async function takeAll(channel: Channel): Promise<{ bodies: Buffer[]; unread: number }> {
  const { messageCount } = await channel.checkQueue(queueNames.dead);
  const wanted = Math.min(messageCount, DEAD_MAX);
  const bodies: Buffer[] = [];
  while (bodies.length < wanted) {
    const gets = Array.from({ length: Math.min(GETS_AT_A_TIME, wanted - bodies.length) }, () =>
      channel.get(queueNames.dead),
    );
    const got = (await Promise.all(gets)).flatMap((letter) => (letter ? [letter.content] : []));
    if (got.length === 0) break;
    bodies.push(...got);
  }
  channel.nackAll(true);
  return { bodies, unread: messageCount - wanted };
}

/** The library's close() alone never returns if the socket dies meanwhile. */
async function leave(model: ChannelModel): Promise<void> {
  const closed = new Promise((resolve) => model.once("close", resolve));
  model.close().catch(() => {});
  await closed;
}

async function judgeDead(database: Database, bodies: Buffer[]): Promise<DeadLetter[]> {
  const letters = bodies.map(readCommand);
  const commands = letters.filter((letter): letter is Command => "rid" in letter);
  const decided = new Set<string>();
  for (const [lectureId, ofLecture] of Map.groupBy(commands, (command) => command.lectureId)) {
    const rids = ofLecture.map(({ rid }) => rid);
    for (const rid of await readDecided(database, lectureId, rids)) decided.add(rid);
  }
  return letters.map((letter) => {
    if ("unreadable" in letter) return letter;
    const { rid, lectureId, userId } = letter;
    return { rid, lectureId, userId, decided: decided.has(rid) };
  });
}

function readCommand(body: Buffer): Command | { unreadable: string } {
  try {
    return Command.parse(JSON.parse(body.toString()));
  } catch {
    return { unreadable: body.subarray(0, 200).toString() };
  }
}
