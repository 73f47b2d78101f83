import { expect, test } from "bun:test";
import { eachPart } from "../../processes.ts";
import { DEMANDS, MIX, SAFETY } from "./demand.ts";
import { textOf } from "./sheet.ts";
import { cpuOfMix, type SizedFrom, sizingSheet } from "./sizing.ts";

const NOTHING = { calls: 0, meanUs: 0, p50Us: 0, p99Us: 0 };

/** As if every request cost 1 ms at each part. */
function figures(): SizedFrom {
  const cpuMs = { parts: eachPart(() => 1), system: 8, generator: 0, others: 0 };
  const requests = (Object.keys(MIX) as (keyof typeof MIX)[]).map((request) => ({
    request,
    perS: 1,
    cpuMs,
    othersCpus: 0,
  }));
  const rate = { perS: 1_000, cpuMs };
  const students = {
    students: 1_000_000,
    redisMb: 0,
    mysqlMb: 0,
    loadSeconds: 10,
    claims: { perS: 0, inRedis: NOTHING },
    decisions: rate,
    refusing: { medianMs: 0, inRedisUs: 100, names: 0, fromMemory: false },
    soldOut: rate,
  };
  const row = { perS: 10_000, workerCpuUs: 0, mysqlCpuUs: 0 };
  return {
    cost: {
      requests,
      idleMsPerS: eachPart(() => 0),
      rssMb: eachPart(() => 0),
      limiterKeys: {},
      written: { aofBytes: 0, redoBytes: 0, redoSyncs: 0 },
      bytes: {
        redis: { held: 400, confirmed: 100, confirmedOf100: 0, released: 0, throttle: 0 },
        mysql: { row: 200, indexes: 100, hasBinaryLog: false },
        waiting: { zooKeeper: 0, rabbitDisk: 0, rabbitMemory: 0, message: 0 },
      },
    },
    "partitions-1": { partitions: 1, perS: 1_000, cpuMs, systemCpus: 1, othersCpus: 0 },
    "students-1000": students,
    "students-1000000": students,
    hot: { row: { one: row, sideBySide: row, fightingForOne: row } } as SizedFrom["hot"],
  };
}

test("the shares of the mix are a whole", () => {
  expect(Object.values(MIX).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
});

test("a part's CPU is that of the mix", () => {
  expect(cpuOfMix(figures(), "origin")).toBeCloseTo(1);
});

test("every need follows from its formula", () => {
  const { rows } = sizingSheet(figures());
  const campus = DEMANDS.findIndex(({ peakPerS }) => peakPerS === 20_000);
  const need = (part: string) => {
    const row = rows.find(([title = ""]) => textOf(title, "en").startsWith(part));
    return textOf(row?.[1 + campus] ?? "", "en");
  };
  expect(SAFETY).toBe(2);
  expect(need("edge")).toBe("40"); // 20,000/s × 1 ms × 2
  expect(need("confirmed")).toBe("400"); // 2 % of 20,000
  expect(need("Redis, looks")).toBe("0.04"); // 40 isolates × 5 lectures × 2/s × 100 µs
  expect(need("RabbitMQ, partitions")).toBe("1"); // 400 × 2 ÷ 1,000
  expect(need("ZooKeeper, changes")).toBe("800");
  expect(need("Redis, memory")).toBe("0.0064"); // (20,000 × 100 + 400 × 10 × 300) × 2
  expect(need("Redis, rebuilt")).toBe("0.2"); // 20,000 ÷ 100,000/s
  expect(need("MySQL, GB")).toBe("0.18"); // 300,000 × 300 × 2
});
