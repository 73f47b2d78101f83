import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { stopStack } from "./down.ts";
import { paths, portOf } from "./layout.ts";
import { makePlan, type Plan } from "./plan.ts";
import { isPortFree } from "./ports.ts";
import { probeRedis } from "./probes/redis.ts";
import { isAlive, stop } from "./processes.ts";
import { runningNames, runningProcess } from "./records.ts";
import { redis } from "./servers/redis.ts";
import { NEVER, stackForTest } from "./stack-for-test.ts";
import { refuseBusyPorts, type StartedPart, startPart } from "./start-part.ts";
import { statusOf } from "./status.ts";
import { elsewhere, final, passing } from "./trouble.ts";

let config: Awaited<ReturnType<typeof stackForTest>>;
let plan: Plan;
beforeAll(async () => {
  config = await stackForTest();
  plan = makePlan(config);
});
afterAll(async () => {
  await down(false);
  config.remove();
});

function down(wipe: boolean): Promise<number> {
  return stopStack(config.dir, { wipe, hurry: NEVER, quietly: true });
}

async function startRedis(): Promise<StartedPart[]> {
  const started: StartedPart[] = [];
  await startPart(plan, redis, started, NEVER);
  return started;
}

test("a part that was started is ready, and is not started twice", async () => {
  const [first] = await startRedis();
  expect(await probeRedis(portOf(plan.basePort, "redis"))).toBeUndefined();
  expect(await startRedis()).toEqual([]);
  const status = await statusOf(plan);
  expect(status.map(({ name }) => name)).toEqual([
    "redis",
    "redis-http",
    "rabbitmq",
    "mysql",
    "zookeeper",
    "origin",
    "worker",
    "edge",
  ]);
  expect(status[0]).toEqual({
    name: "redis",
    pid: first?.id.pid ?? 0,
    url: `redis://127.0.0.1:${portOf(plan.basePort, "redis")}`,
    ready: true,
  });
  expect(status[1]).toMatchObject({ pid: null, ready: false });
});

test("a part that was killed is started again, on its data", async () => {
  await startRedis();
  await sendToRedis("SET kept yes");
  const killed = runningProcess(config.dir, "redis");
  if (!killed) throw new Error("Redis does not run");
  await stop(killed, 0, NEVER);
  const [again] = await startRedis();
  expect(again?.id.pid).not.toBe(killed.pid);
  expect(await sendToRedis("GET kept")).toContain("yes");
});

test("a part that runs and does not work is started again on its data, and told why", async () => {
  await startRedis();
  await sendToRedis("SET kept yes");
  const broken = runningProcess(config.dir, "redis");
  const probe = async () =>
    runningProcess(config.dir, "redis")?.pid === broken?.pid
      ? final("its log is dead")
      : redis.probe(plan);
  const started: StartedPart[] = [];
  expect(await startPart(plan, { ...redis, probe }, started, NEVER)).toBe(
    "started again, since it did not work: its log is dead",
  );
  expect(broken && isAlive(broken)).toBe(false);
  expect(started).toHaveLength(1);
  expect(await sendToRedis("GET kept")).toContain("yes");
});

test("a part that cannot work for another's sake is left running", async () => {
  await startRedis();
  const before = runningProcess(config.dir, "redis");
  const probe = async () => ({ ...elsewhere("the broker is away"), isFinal: true });
  await expect(startPart(plan, { ...redis, probe }, [], NEVER)).rejects.toThrow(
    "redis runs, and cannot work: the broker is away",
  );
  expect(runningProcess(config.dir, "redis")).toEqual(before as never);
});

test("a Redis that answers and does not write is not ready, and says why", async () => {
  await startRedis();
  await sendToRedis("REPLICAOF 127.0.0.1 1");
  expect(await redis.probe(plan)).toMatchObject({ why: expect.stringContaining("READONLY") });
  expect((await statusOf(plan))[0]).toMatchObject({
    ready: false,
    trouble: expect.stringContaining("READONLY"),
  });
  await sendToRedis("REPLICAOF NO ONE");
  expect(await redis.probe(plan)).toBeUndefined();
});

test("down forgets what it has stopped and keeps the data", async () => {
  await startRedis();
  await sendToRedis("SET kept yes");
  expect(await down(false)).toBe(1);
  expect(readdirSync(join(config.dir, "run"))).toEqual([]);
  await startRedis();
  expect(await sendToRedis("GET kept")).toContain("yes");
});

test("down leaves no process, no port and no record behind, and with --wipe no data", async () => {
  await startRedis();
  const process = runningProcess(config.dir, "redis");
  expect(await down(true)).toBe(1);
  expect(process && isAlive(process)).toBe(false);
  expect(await isPortFree(portOf(plan.basePort, "redis"))).toBe(true);
  expect(runningNames(config.dir)).toEqual([]);
  expect(readdirSync(config.dir).sort()).toEqual(["lock", "logs"]);
  expect(await down(true)).toBe(0);
  plan = makePlan(config);
});

test("a busy port is named with its part, its holder and the way out", async () => {
  const port = portOf(plan.basePort, "redis");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  try {
    await expect(refuseBusyPorts(plan, [redis])).rejects.toThrow(
      new RegExp(
        `^port ${port} \\(redis\\) is taken by .+ ` +
          `\\(pid ${process.pid}\\): free it, or set LECTERN_PORT`,
      ),
    );
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  expect(await refuseBusyPorts(plan, [redis])).toBeUndefined();
});

test("a server that dies at its start is one line: the log's name and what it wrote", async () => {
  const dying = {
    ...redis,
    prepare: () => dies("echo 'FATAL: no space left' >&2; echo bye; exit 3"),
  };
  const log = paths.log(config.dir, "redis");
  await expect(startPart(plan, dying, [], NEVER)).rejects.toThrow(
    `redis ended with code 3 at its start: FATAL: no space left (${log})`,
  );
  expect(existsSync(log)).toBe(true);
});

test("a start that is interrupted while a server comes up ends", async () => {
  const interrupt = new AbortController();
  const slow = {
    ...redis,
    prepare: () => dies("exec sleep 60"),
    probe: async () => interrupt.abort() ?? passing("slow"),
  };
  const started: StartedPart[] = [];
  await expect(startPart(plan, slow, started, interrupt.signal)).rejects.toThrow();
  expect(started.map(({ part }) => part.name)).toEqual(["redis"]);
  expect(await down(false)).toBe(1);
});

function dies(script: string) {
  const command: [string, ...string[]] = ["/bin/sh", "-c", script];
  return { command, env: { PATH: "/usr/bin:/bin" }, cwd: config.dir };
}

async function sendToRedis(command: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: portOf(plan.basePort, "redis"),
    socket: { data: (_, chunk) => resolve(chunk.toString()) },
  });
  socket.write(`${command}\r\n`);
  const answer = await promise;
  socket.end();
  return answer;
}
