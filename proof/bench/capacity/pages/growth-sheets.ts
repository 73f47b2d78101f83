import { sum } from "../../processes.ts";
import type { ByLectures } from "../growth/lectures.ts";
import type { ByPartitions } from "../growth/partitions.ts";
import type { ByStudents } from "../growth/students.ts";
import {
  cpus,
  micros,
  partColumns,
  type Sheet,
  sheetOf,
  short,
  type Text,
  whole,
} from "./sheet.ts";

const DECISIONS: Text = { en: "decisions/s", zh: "裁决/秒" };
const REBUILT: Text = { en: "Redis rebuilt, s", zh: "重建 Redis，秒" };
const CPU_OF_DECISION: Text = { en: "CPU of a decision, µs", zh: "每次裁决的 CPU，微秒" };

/** The parts that a decision passes behind the queue. */
const DECIDING = ["worker", "mysql", "redis-http", "redis", "zookeeper", "rabbitmq"] as const;

export function studentsSheet(sizes: ByStudents[]): Sheet {
  const name = "students";
  const title = {
    en: "from 1,000 to 1,000,000 students of one lecture",
    zh: "一场讲座，从 1,000 到 1,000,000 名学生",
  };
  return sheetOf(
    { name, title },
    [
      [{ en: "students", zh: "学生" }, ({ students }) => whole(students)],
      [{ en: "Redis, MB", zh: "Redis，MB" }, ({ redisMb }) => short(redisMb)],
      [{ en: "MySQL, MB", zh: "MySQL，MB" }, ({ mysqlMb }) => short(mysqlMb)],
      [REBUILT, ({ loadSeconds }) => short(loadSeconds)],
      [
        { en: "claims/s, one connection", zh: "占位/秒，单连接" },
        ({ claims }) => whole(claims.perS),
      ],
      [{ en: "script p50, µs", zh: "脚本 p50，微秒" }, ({ claims }) => short(claims.inRedis.p50Us)],
      [{ en: "script p99, µs", zh: "脚本 p99，微秒" }, ({ claims }) => short(claims.inRedis.p99Us)],
      [DECISIONS, ({ decisions }) => whole(decisions.perS)],
      [
        { en: "CPU a decision: worker, µs", zh: "每次裁决 CPU：worker，微秒" },
        ({ decisions }) => micros(decisions.cpuMs.parts.worker),
      ],
      [
        { en: "MySQL, µs", zh: "MySQL，微秒" },
        ({ decisions }) => micros(decisions.cpuMs.parts.mysql),
      ],
      [
        { en: "who holds one: names", zh: "持有者名单：人数" },
        ({ refusing: { fromMemory, names } }) =>
          fromMemory ? whole(names) : { en: "too many", zh: "过多" },
      ],
      [{ en: "asked, ms", zh: "查询，毫秒" }, ({ refusing }) => short(refusing.medianMs)],
      [{ en: "in Redis, µs", zh: "Redis 内，微秒" }, ({ refusing }) => whole(refusing.inRedisUs)],
      [{ en: "sold out, answers/s", zh: "已满答复/秒" }, ({ soldOut }) => whole(soldOut.perS)],
      [
        { en: "CPU of one, µs", zh: "每次 CPU，微秒" },
        ({ soldOut }) => micros(soldOut.cpuMs.system),
      ],
    ],
    sizes,
  );
}

export function lecturesSheet(sizes: ByLectures[]): Sheet {
  const title = { en: "from 1 to 1,000 lectures", zh: "从 1 场到 1,000 场讲座" };
  return sheetOf(
    { name: "lectures", title },
    [
      [{ en: "lectures", zh: "讲座" }, ({ lectures }) => whole(lectures)],
      [REBUILT, ({ loadSeconds }) => short(loadSeconds)],
      [{ en: "loader's look, ms", zh: "加载器巡视，毫秒" }, ({ lookMs }) => short(lookMs)],
      [{ en: "sweeper's look, ms", zh: "清扫器巡视，毫秒" }, ({ sweepMs }) => short(sweepMs)],
      [
        { en: "a new one bookable after, s", zh: "新讲座可预约，秒" },
        ({ newLectureSeconds }) => short(newLectureSeconds),
      ],
      [DECISIONS, ({ decisions }) => whole(decisions.perS)],
      [CPU_OF_DECISION, ({ decisions }) => micros(decisions.cpuMs.system)],
      [
        { en: "of it worker", zh: "其中 worker" },
        ({ decisions }) => micros(decisions.cpuMs.parts.worker),
      ],
      ["MySQL", ({ decisions }) => micros(decisions.cpuMs.parts.mysql)],
      [
        { en: "idle CPU, ms a second", zh: "空闲 CPU，毫秒/秒" },
        ({ idleMsPerS }) => whole(sum(idleMsPerS)),
      ],
    ],
    sizes,
  );
}

export function partitionsSheet(sizes: ByPartitions[]): Sheet {
  const title = { en: "1, 2 and 4 partitions, one worker", zh: "1、2、4 个分区，一个 worker" };
  return sheetOf<ByPartitions>(
    { name: "partitions", title },
    [
      [{ en: "partitions", zh: "分区" }, ({ partitions }) => String(partitions)],
      [DECISIONS, ({ perS }) => whole(perS)],
      [CPU_OF_DECISION, ({ cpuMs }) => micros(cpuMs.system)],
      ...partColumns<ByPartitions>(DECIDING, ({ cpuMs }, part) => micros(cpuMs.parts[part])),
      [{ en: "CPUs, system", zh: "CPU，系统" }, ({ systemCpus }) => cpus(systemCpus)],
      [{ en: "CPUs, others", zh: "CPU，其他程序" }, ({ othersCpus }) => cpus(othersCpus)],
    ],
    sizes,
  );
}
