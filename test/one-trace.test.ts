import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Program, runProgram } from "../proof/hostile/canaries/program.ts";
import { findFreePorts } from "../stack/ports.ts";
import { newKeyring } from "../stack/secrets.ts";
import { tokenFor } from "./edge-alone.ts";
import { type ServedEdge, serveEdge } from "./edge-runtimes.ts";
import { freshTopology } from "./rooms/broker.ts";
import { openWorkerRoom } from "./rooms/worker.ts";
import { addressOf, eventually } from "./servers.ts";
import { type CollectedSpan, openTraceCollector } from "./trace-collector.ts";

/*
 * Starts the three services as an operator does, on the servers of the room tests, with a
 * collector. Follows the trace of one reservation from the click to the commit.
 */
const collector = openTraceCollector();
const port = await findFreePorts(2);
const [originUrl, workerUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${port + 1}`];
const env = {
  UPSTASH_REDIS_REST_URL: addressOf("UPSTASH_REDIS_REST_URL"),
  UPSTASH_REDIS_REST_TOKEN: addressOf("UPSTASH_REDIS_REST_TOKEN"),
  RABBITMQ_URL: addressOf("RABBITMQ_URL"),
  BOOKING_MYSQL_URL: addressOf("BOOKING_MYSQL_URL"),
  CATALOGUE_MYSQL_URL: addressOf("CATALOGUE_MYSQL_URL"),
  PEOPLE_MYSQL_URL: addressOf("PEOPLE_MYSQL_URL"),
  ZOOKEEPER_URL: addressOf("ZOOKEEPER_URL"),
  EDGE_KEYS: newKeyring(2),
  SESSION_KEYS: newKeyring(2),
  ORIGIN_URL: originUrl,
  ORIGIN_PORT: String(port),
  WORKER_PORT: String(port + 1),
  PARTITIONS: "4",
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
  OTEL_TRACES_SAMPLER_ARG: "1",
  OTEL_BSP_SCHEDULE_DELAY: "50",
};

const room = await openWorkerRoom();
const programs: Program[] = [];
let edge: ServedEdge;

beforeAll(async () => {
  await freshTopology();
  programs.push(runProgram("origin/main.ts", env), runProgram("worker/main.ts", env));
  edge = await serveEdge("workerd", env);
  for (const url of [originUrl, workerUrl])
    await eventually(
      `${url} is ready`,
      async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok,
    );
});

afterAll(async () => {
  await edge.close();
  for (const program of programs) await program.close();
  await room.close();
  await collector.close();
});

test("one trace leads from the click through edge, origin and queue to the commit", async () => {
  const lectureId = await room.publishLecture(3);
  await eventually(
    "the lecture is loaded",
    async () => (await fetch(`${edge.url}/api/lectures/${lectureId}/availability`)).ok,
  );
  const userId = `s-${crypto.randomUUID()}`;
  const answer = await fetch(`${edge.url}/api/lectures/${lectureId}/reservations`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${await tokenFor(userId, env.SESSION_KEYS)}`,
      Prefer: "wait=10",
    },
  });
  expect(answer.status).toBe(201);
  const { id: rid } = (await answer.json()) as { id: string };
  const traceId = (answer.headers.get("x-request-id") ?? "").replaceAll("-", "");

  const find = (service: string, name: string) =>
    eventually(`${service}: ${name}`, async () =>
      collector.spans.find(
        (span) =>
          span.traceId === traceId && span.service === `lectern-${service}` && span.name === name,
      ),
    );
  const click = await find("edge", "POST /api/lectures/:id/reservations");
  const asked = await find("origin", "POST /commands");
  const node = await find("origin", "create pending node");
  const published = await find("origin", "publish command");
  const decided = await find("worker", "decide command");
  expect([asked, node, published, decided].map(({ parentSpanId }) => parentSpanId)).toEqual([
    click.spanId,
    asked.spanId,
    asked.spanId,
    published.spanId,
  ]);
  expect(decided.attributes).toEqual({
    "lectern.rid": rid,
    "lectern.lecture": lectureId,
    "lectern.kind": "reserve",
    "lectern.outcome": "confirmed",
  });

  const batch = await eventually("the batch", async () =>
    collector.spans.find(({ name, links }) => name === "decide batch" && holds(links, published)),
  );
  expect(holds(decided.links, batch)).toBe(true);
  const steps = await eventually("its steps", async () => {
    const found = collector.spans.filter(({ parentSpanId }) => parentSpanId === batch.spanId);
    return found.length === 2 && found;
  });
  expect(steps.map(({ name }) => name).sort()).toEqual([
    "commit decisions",
    "settle claims and nodes",
  ]);

  expect(collector.bodies.join()).not.toContain(userId);
});

const holds = (links: CollectedSpan["links"], span: CollectedSpan) =>
  links.some((link) => link.traceId === span.traceId && link.spanId === span.spanId);
