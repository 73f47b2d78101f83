import type { MeasuredPart } from "../../processes.ts";
import type { Results } from "../measurements.ts";
import { DEMANDS, type Demand, MIX, SAFETY } from "./demand.ts";
import { type Cell, type Column, type Sheet, sheetOf, short, whole } from "./sheet.ts";

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
  return sheetOf<Line>(
    { name: "sizing", title: "what is needed, safety factor included" },
    [
      ["part", ({ part }) => part],
      ...DEMANDS.map((demand): Column<Line> => [demand.title, ({ need }) => need(demand)]),
      ["how it is computed", ({ how }) => how],
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
      part: "requests a second",
      how: "assumed",
      need: ({ peakPerS }) => whole(peakPerS),
    },
    {
      part: "confirmed reservations a second",
      how: {
        en: `${(MIX.confirmedWaiting ?? 0) * 100} % of them`,
        zh: `其中 ${(MIX.confirmedWaiting ?? 0) * 100} %`,
      },
      need: (demand) => whole(confirmedPerS(demand)),
    },
  ];
}

const CORES: [MeasuredPart, string][] = [
  ["edge", "edge, isolates of one core"],
  ["redis-http", "Redis HTTP front, cores"],
  ["redis", "Redis, shards of one core"],
  ["origin", "origin, processes of one core"],
  ["zookeeper", "ZooKeeper, cores of its leader"],
  ["rabbitmq", "RabbitMQ, cores"],
  ["worker", "workers, processes of one core"],
  ["mysql", "MySQL, cores"],
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
      part: "Redis, looks of the isolates, cores",
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
      part: "RabbitMQ, partitions",
      how: {
        en: `confirmed/s × ${SAFETY} ÷ ${whole(perPartition)} decisions/s of one`,
        zh: `确认/秒 × ${SAFETY} ÷ 单分区 ${whole(perPartition)} 次裁决/秒`,
      },
      need: (demand) => whole(Math.ceil((confirmedPerS(demand) * SAFETY) / perPartition)),
    },
    {
      part: "ZooKeeper, changes a second",
      how: {
        en: `confirmed/s × ${NODE_CHANGES_PER_RESERVATION} (a node comes and goes)`,
        zh: `确认/秒 × ${NODE_CHANGES_PER_RESERVATION}（节点一建一删）`,
      },
      need: (demand) => whole(confirmedPerS(demand) * NODE_CHANGES_PER_RESERVATION),
    },
    {
      part: "MySQL, databases like the measured one",
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
      part: "Redis, memory, GB",
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
      part: "Redis, rebuilt by one worker in, s",
      how: { en: `claims ÷ ${whole(perS)} claims/s`, zh: `占位 ÷ ${whole(perS)} 个/秒` },
      need: ({ claims }) => short(claims / perS),
    },
    {
      part: "MySQL, GB a year",
      how: { en: `rows × ${row} B × ${SAFETY}`, zh: `行数 × ${row} B × ${SAFETY}` },
      need: ({ rowsPerYear }) => short((rowsPerYear * row * SAFETY) / GB),
    },
  ];
}
