import { afterAll, beforeAll, expect, test } from "bun:test";
import { urlsOfSchemas } from "../database/schemas.ts";
import { setBrokerAlarm } from "../test/broker-alarm.ts";
import { evaluateOnBroker } from "../test/broker-eval.ts";
import { addressOf, eventually } from "../test/servers.ts";
import { stopStack } from "./down.ts";
import type { Plan } from "./plan.ts";
import { probeRabbit } from "./probes/rabbitmq.ts";
import { runningProcess } from "./records.ts";
import { NEVER, stackForTest } from "./stack-for-test.ts";
import type { StartedPart } from "./start-part.ts";
import { statusOf } from "./status.ts";
import { startStack } from "./up.ts";

/** A stack with its own Redis and services, on existing servers. */
let config: Awaited<ReturnType<typeof stackForTest>>;
const WITHIN_MS = 120_000;

async function start(): Promise<{ plan: Plan; names: string[] }> {
  const { plan, started } = await startStack(config, {
    interrupted: NEVER,
    hurry: NEVER,
    quietly: true,
  });
  const nameOf = ({ part }: StartedPart) => part.name;
  return { plan, names: started.map(nameOf).sort() };
}

async function readiness(plan: Plan) {
  return (await statusOf(plan)).filter(({ ready }) => !ready);
}

beforeAll(async () => {
  config = await stackForTest({
    rabbitmq: addressOf("RABBITMQ_URL"),
    databases: urlsOfSchemas(
      addressOf("BOOKING_MYSQL_URL").replace("/lectern_rooms", "/lectern_mending"),
    ),
    zookeeper: addressOf("ZOOKEEPER_URL").replace(/\/.*$/, "/mending"),
  });
});
afterAll(async () => {
  await stopStack(config.dir, { wipe: true, hurry: NEVER, quietly: true });
  config.remove();
}, WITHIN_MS);

test(
  "on existing servers a stack makes what it needs, books a seat, starts nothing twice",
  async () => {
    const { plan, names } = await start();
    expect(names).toEqual(["edge", "origin", "redis", "redis-http", "worker"]);
    expect(await readiness(plan)).toEqual([]);
    expect((await start()).names).toEqual([]);
  },
  WITHIN_MS,
);

test(
  "a worker that hangs is started again, and keeps no origin down",
  async () => {
    const [origin, worker] = ["origin", "worker"].map((name) => runningProcess(config.dir, name));
    if (!origin || !worker) throw new Error("the stack does not run");
    process.kill(worker.pid, "SIGSTOP");
    process.kill(origin.pid, "SIGKILL");
    const { plan, names } = await start();
    expect(names).toEqual(["origin", "worker"]);
    expect(await readiness(plan)).toEqual([]);
  },
  WITHIN_MS,
);

test("a probe queue that a full disk has damaged, alone of all, is made anew", async () => {
  const url = addressOf("RABBITMQ_URL");
  expect(await probeRabbit(url)).toBeUndefined();
  await evaluateOnBroker("ra:stop_server(quorum_queues, {'rooms_lectern.probe', node()})");
  expect(await probeRabbit(url)).toMatchObject({ isFinal: false });
  await eventually("the probe queue is there again", async () => !(await probeRabbit(url)));
});

test("a broker that lets everybody in and keeps no message is not ready", async () => {
  const url = addressOf("RABBITMQ_URL");
  await setBrokerAlarm(true);
  const trouble = await probeRabbit(url).finally(() => setBrokerAlarm(false));
  expect(trouble).toMatchObject({ why: "it confirmed no message within 2 s" });
  expect(await probeRabbit(url)).toBeUndefined();
});
