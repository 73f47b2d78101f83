import { beforeEach, expect, test } from "bun:test";
import { TRACEPARENT } from "../contract/trace-parent.ts";
import {
  drainPartitions,
  freshTopology,
  PARTITIONS,
  rabbitmqUrl,
  reserveOf,
} from "../test/rooms/broker.ts";
import { randomLectureId } from "../test/servers.ts";
import { deliveryOf } from "./delivery.ts";
import { openPublisher } from "./publisher.ts";

const spanId = "00f067aa0ba902b7";
const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const recorded = `00-${traceId}-${spanId}-01`;

beforeEach(freshTopology);

async function published(traceParent?: string) {
  const publisher = openPublisher({
    url: rabbitmqUrl(),
    partitions: PARTITIONS,
    maxInFlight: 10,
    confirmTimeoutMs: 5_000,
  });
  await publisher.readyWithin(30_000);
  const command = reserveOf(randomLectureId());
  expect(await publisher.publish(command, traceParent)).toBe("queued");
  await publisher.close();
  const [message] = await drainPartitions();
  if (!message) throw new Error("nothing was queued");
  return { command, message };
}

test("a trace travels beside the command, which stays as it is", async () => {
  const { command, message } = await published(recorded);
  expect(JSON.parse(`${message.content}`)).toEqual(command);
  expect(deliveryOf(message)).toMatchObject({ command, trace: { traceId, spanId, sampled: true } });
});

test("a message without a trace, as older origins send it, is read as ever", async () => {
  const { command, message } = await published();
  expect(message.properties.headers).not.toContainKey(TRACEPARENT);
  expect(deliveryOf(message)).toEqual({ command, deliveryCount: 0, redelivered: false });
});

test.each<unknown>([`00-${traceId}-${spanId}-00`, "nonsense", 7, { a: 1 }, Buffer.from(recorded)])(
  "a header that says %p begins no trace and spoils no command",
  async (header) => {
    const { command, message } = await published();
    message.properties.headers = { [TRACEPARENT]: header };
    expect(deliveryOf(message)).toEqual({ command, deliveryCount: 0, redelivered: false });
  },
);
