import type { MeasuredPart } from "../../processes.ts";
import type { Results } from "../measurements.ts";
import { DEMANDS, type Demand, MIX, SAFETY } from "./demand.ts";
import { type Cell, type Column, type Sheet, sheetOf, short, type Text, whole } from "./sheet.ts";

/**
 * An edge isolate's questions to Redis about a sold-out lecture, per second
 * (edge/known-refusals.ts).
 */
const LOOKS_PER_S = 2;

const SECONDS_OF_THROTTLE = 10;
const GB = 1_000_000_000;
const NODE_CHANGES_PER_RESERVATION = 2;

/** The basis of the sizing: the cost of requests, one partition, one row, one million students. */
export type SizedFrom = Pick<
  Results,
  "cost" | "partitions-1" | "students-1000" | "students-1000000" | "hot"
>;

/** The need of a demand at every part. */
export function sizingSheet(results: SizedFrom): Sheet {
  const title = { en: "what is needed, safety factor included", zh: "所需资源，已含安全系数" };
  return sheetOf<Line>(
    { name: "sizing", title },
    [
      [{ en: "part", zh: "部分" }, ({ part }) => part],
      ...DEMANDS.map((demand): Column<Line> => [demand.title, ({ need }) => need(demand)]),
      [{ en: "how it is computed", zh: "算法" }, ({ how }) => how],
    ],
    [...ratesOf(), ...coresOf(results), ...limitsOf(results), ...bytesOf(results)],
  );
}

interface Line {
  part: Cell;
  how: Cell;
  need(demand: Demand): string;
}

function confirmedPerS({ peakPerS }: Demand): number {
  return peakPerS * (MIX.confirmedWaiting ?? 0);
}

function ratesOf(): Line[] {
  return [
    {
      part: { en: "requests a second", zh: "每秒请求" },
      how: { en: "assumed", zh: "假设" },
      need: ({ peakPerS }) => whole(peakPerS),
    },
    {
      part: { en: "confirmed reservations a second", zh: "每秒确认的预约" },
      how: {
        en: `${(MIX.confirmedWaiting ?? 0) * 100} % of them`,
        zh: `其中 ${(MIX.confirmedWaiting ?? 0) * 100} %`,
      },
      need: (demand) => whole(confirmedPerS(demand)),
    },
  ];
}

const CORES: [MeasuredPart, Text][] = [
  ["edge", { en: "edge, isolates of one core", zh: "边缘，单核 isolate" }],
  ["redis-http", { en: "Redis HTTP front, cores", zh: "Redis HTTP 前端，核" }],
  ["redis", { en: "Redis, shards of one core", zh: "Redis，单核分片" }],
  ["origin", { en: "origin, processes of one core", zh: "源站，单核进程" }],
  ["zookeeper", { en: "ZooKeeper, cores of its leader", zh: "ZooKeeper，leader 的核" }],
  ["rabbitmq", { en: "RabbitMQ, cores", zh: "RabbitMQ，核" }],
  ["worker", { en: "workers, processes of one core", zh: "worker，单核进程" }],
  ["mysql", { en: "MySQL, cores", zh: "MySQL，核" }],
];

/** The CPU of the mix in one part, in milliseconds per request. */
export function cpuOfMix({ cost }: Pick<Results, "cost">, part: MeasuredPart): number {
  return cost.requests.reduce(
    (sum, { request, cpuMs }) => sum + (MIX[request] ?? 0) * cpuMs.parts[part],
    0,
  );
}

function coresOf(results: SizedFrom): Line[] {
  return CORES.map(([part, title]) => {
    const cpuMs = cpuOfMix(results, part);
    return {
      part: title,
      how: {
        en: `requests/s × ${short(cpuMs)} ms of the mix ÷ 1,000 × ${SAFETY}`,
        zh: `请求/秒 × 混合负载 ${short(cpuMs)} 毫秒 ÷ 1,000 × ${SAFETY}`,
      },
      need: ({ peakPerS }) => cores((peakPerS * cpuMs * SAFETY) / 1_000),
    };
  });
}

function cores(value: number): string {
  return value < 1 ? short(value) : whole(Math.ceil(value));
}

function limitsOf(results: SizedFrom): Line[] {
  const edgeMs = cpuOfMix(results, "edge");
  const { inRedisUs } = results["students-1000"].refusing;
  const perPartition = results["partitions-1"].perS;
  const perDatabase = results.hot.row.sideBySide.perS;
  return [
    {
      part: { en: "Redis, looks of the isolates, cores", zh: "Redis，isolate 的巡视，核" },
      how: {
        en: `isolates × hot lectures × ${LOOKS_PER_S}/s × ${whole(inRedisUs)} µs (1,000 holders), had every isolate all of them`,
        zh: `isolate 数 × 热门讲座数 × ${LOOKS_PER_S}/秒 × ${whole(inRedisUs)} 微秒（1,000 名持有者），假设每个 isolate 都遇到全部讲座`,
      },
      need: ({ peakPerS, hotLectures }) => {
        const isolates = Math.ceil((peakPerS * edgeMs * SAFETY) / 1_000);
        return cores((isolates * hotLectures * LOOKS_PER_S * inRedisUs) / 1_000_000);
      },
    },
    {
      part: { en: "RabbitMQ, partitions", zh: "RabbitMQ，分区" },
      how: {
        en: `confirmed/s × ${SAFETY} ÷ ${whole(perPartition)} decisions/s of one`,
        zh: `确认/秒 × ${SAFETY} ÷ 单分区 ${whole(perPartition)} 次裁决/秒`,
      },
      need: (demand) => whole(Math.ceil((confirmedPerS(demand) * SAFETY) / perPartition)),
    },
    {
      part: { en: "ZooKeeper, changes a second", zh: "ZooKeeper，每秒变更" },
      how: {
        en: `confirmed/s × ${NODE_CHANGES_PER_RESERVATION} (a node comes and goes)`,
        zh: `确认/秒 × ${NODE_CHANGES_PER_RESERVATION}（节点一建一删）`,
      },
      need: (demand) => whole(confirmedPerS(demand) * NODE_CHANGES_PER_RESERVATION),
    },
    {
      part: { en: "MySQL, databases like the measured one", zh: "MySQL，与被测相当的库" },
      how: {
        en: `confirmed/s × ${SAFETY} ÷ ${whole(perDatabase)} decisions/s`,
        zh: `确认/秒 × ${SAFETY} ÷ ${whole(perDatabase)} 次裁决/秒`,
      },
      need: (demand) => whole(Math.ceil((confirmedPerS(demand) * SAFETY) / perDatabase)),
    },
  ];
}

function bytesOf(results: SizedFrom): Line[] {
  const { redis, mysql } = results.cost.bytes;
  const million = results["students-1000000"];
  const [rush, row] = [redis.held - redis.confirmed, mysql.row + mysql.indexes];
  const perS = million.students / million.loadSeconds;
  return [
    {
      part: { en: "Redis, memory, GB", zh: "Redis，内存，GB" },
      how: {
        en: `(claims × ${redis.confirmed} B + confirmed/s × ${SECONDS_OF_THROTTLE} s × ${rush} B) × ${SAFETY}`,
        zh: `（占位 × ${redis.confirmed} B + 确认/秒 × ${SECONDS_OF_THROTTLE} 秒 × ${rush} B）× ${SAFETY}`,
      },
      need: (demand) => {
        const moment = confirmedPerS(demand) * SECONDS_OF_THROTTLE * rush;
        return short(((demand.claims * redis.confirmed + moment) * SAFETY) / GB);
      },
    },
    {
      part: { en: "Redis, rebuilt by one worker in, s", zh: "Redis，由一个 worker 重建，秒" },
      how: { en: `claims ÷ ${whole(perS)} claims/s`, zh: `占位 ÷ ${whole(perS)} 个/秒` },
      need: ({ claims }) => short(claims / perS),
    },
    {
      part: { en: "MySQL, GB a year", zh: "MySQL，GB/年" },
      how: { en: `rows × ${row} B × ${SAFETY}`, zh: `行数 × ${row} B × ${SAFETY}` },
      need: ({ rowsPerYear }) => short((rowsPerYear * row * SAFETY) / GB),
    },
  ];
}
