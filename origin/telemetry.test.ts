import { afterAll, afterEach, beforeEach, expect, test } from "bun:test";
import { SIGNATURE_HEADER } from "../contract/signature.ts";
import { REQUEST_ID_HEADER, TRACEPARENT } from "../contract/trace-parent.ts";
import { deliveryOf } from "../queue/delivery.ts";
import { exposition } from "../runtime/metrics/exposition.ts";
import { createSpanCounter } from "../runtime/metrics/spans.ts";
import { openTracing } from "../runtime/telemetry/tracing.ts";
import { drainPartitions, freshTopology } from "../test/rooms/broker.ts";
import { newCommand, openTestOrigin, type TestOrigin } from "../test/rooms/origin.ts";
import { openTraceCollector } from "../test/trace-collector.ts";
import { originGauges } from "./gauges.ts";
import { createOriginMetrics } from "./metrics.ts";

let origin: TestOrigin;
const metrics = createOriginMetrics();
const collector = openTraceCollector();
const tracing = openTracing({
  service: "origin",
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
  OTEL_TRACES_SAMPLER_ARG: 0,
  spans: createSpanCounter(),
});
beforeEach(async () => {
  await freshTopology();
  origin = await openTestOrigin({ metrics, tracing });
});
afterEach(() => origin.close());
afterAll(() => collector.close());

const told = () => exposition([...metrics.families, ...originGauges(origin)]).split("\n");
const onceAnswered = (route: string, status: number, code: string) =>
  `lectern_origin_requests_total{route="${route}",status="${status}",code="${code}"} 1`;
const requestId = "0af76519-16cd-43dd-8448-eb211c80319c";
const traceId = requestId.replaceAll("-", "");
const spanId = "b7ad6b7169203331";

test("answers are counted by route, status and code, and commands by their outcome", async () => {
  await origin.order(await newCommand());
  await origin.order({ ...(await newCommand()), kind: "cancel", requestedAtMs: 1 });
  await origin.ask("/lectures/7777777");
  await origin.ask("/nowhere");
  await origin.order(await newCommand(), { headers: { [SIGNATURE_HEADER]: "forged" } });
  expect(told()).toEqual(
    expect.arrayContaining([
      onceAnswered("POST /commands", 200, "ok"),
      onceAnswered("POST /commands", 404, "reservation_not_found"),
      onceAnswered("GET /lectures/:id", 404, "lecture_not_found"),
      onceAnswered("none", 404, "route_not_found"),
      expect.stringMatching(
        /^lectern_origin_requests_total\{route="none",status="401",code="[a-z_]+"\} 1$/,
      ),
      'lectern_origin_commands_total{kind="reserve",outcome="queued"} 1',
      'lectern_origin_commands_total{kind="cancel",outcome="queued"} 0',
      "lectern_origin_enqueue_seconds_count 1",
      'lectern_origin_gate_requests{gate="commands",state="at_work"} 0',
      "lectern_origin_queue_closed 0",
      'lectern_breaker_open{server="rabbitmq"} 0',
      'lectern_breaker_open{server="mysql_booking"} 0',
      'lectern_breaker_open{server="mysql_catalogue"} 0',
      'lectern_breaker_open{server="mysql_people"} 0',
    ]),
  );
});

test("withheld confirms of the broker show in the commands, the breaker and the log", async () => {
  origin.wires.rabbitMq.stall();
  const headers = { [REQUEST_ID_HEADER]: requestId };
  const unsure = Array.from({ length: 6 }, async () =>
    origin.order(await newCommand(), { headers }),
  );
  await Promise.all(unsure);
  expect(told()).toEqual(
    expect.arrayContaining([
      'lectern_origin_commands_total{kind="reserve",outcome="noted"} 6',
      'lectern_breaker_open{server="rabbitmq"} 1',
      'lectern_breaker_opened_total{server="rabbitmq"} 1',
    ]),
  );
  const line = origin.logged.find(({ event }) => event === "command_not_confirmed");
  expect(line).toMatchObject({ outcome: "unknown", requestId, rid: expect.any(String) });
});

test("the edge's trace goes on through node and message, and the lines name it", async () => {
  const command = await newCommand();
  const headers = { [REQUEST_ID_HEADER]: requestId, [TRACEPARENT]: `00-${traceId}-${spanId}-01` };
  await origin.order(command, { headers });
  origin.wires.zooKeeper.cut();
  await origin.order(await newCommand(), { headers });
  const line = origin.logged.find(({ event }) => event === "node_not_created");
  expect(line).toMatchObject({ requestId, traceId });
  await tracing?.close();
  const message = (await drainPartitions()).find(
    ({ properties }) => properties.messageId === command.rid,
  );
  if (!message) throw new Error("nothing was queued");
  const span = (name: string) => collector.spans.find((one) => one.name === name);
  expect(span("POST /commands")).toMatchObject({ traceId, parentSpanId: spanId, kind: 2 });
  expect(span("create pending node")).toMatchObject({
    traceId,
    parentSpanId: span("POST /commands")?.spanId,
  });
  expect(span("publish command")).toMatchObject({
    traceId,
    spanId: deliveryOf(message).trace?.spanId,
    attributes: {
      "lectern.rid": command.rid,
      "lectern.lecture": command.lectureId,
      "lectern.kind": "reserve",
      "lectern.outcome": "queued",
    },
  });
  expect(deliveryOf(message).trace?.traceId).toBe(traceId);
  expect(collector.bodies.join()).not.toContain(command.userId);
});

test.each([`00-${traceId}-${spanId}-00`, "nonsense", ""])(
  "where the edge records nothing (%p), neither does the origin",
  async (header) => {
    await origin.order(await newCommand(), { headers: { [TRACEPARENT]: header } });
    const [message] = await drainPartitions();
    expect(message?.properties.headers).not.toContainKey(TRACEPARENT);
  },
);

test("a name of a request that the edge would not give is not logged", async () => {
  origin.wires.rabbitMq.stall();
  await origin.order(await newCommand(), {
    headers: { [REQUEST_ID_HEADER]: 'x"} {"event":"forged' },
  });
  const line = origin.logged.find(({ event }) => event === "command_not_confirmed");
  expect(line).toBeDefined();
  expect(line).not.toContainKey("requestId");
});
