import type { ByLectures } from "../growth/lectures.ts";
import type { ByPartitions } from "../growth/partitions.ts";
import type { ByStudents } from "../growth/students.ts";
import { PARTS } from "../system/system.ts";
import { PART_TITLES } from "./part-names.ts";
import { type Sheet, short, type Text, whole } from "./sheet.ts";

const DECISIONS: Text = { en: "decisions/s", zh: "裁决/秒" };

/** The parts that a decision passes behind the queue. */
const DECIDING = ["worker", "mysql", "redis-http", "redis", "zookeeper", "rabbitmq"] as const;

export function studentsSheet(sizes: ByStudents[]): Sheet {
  return {
    name: "students",
    title: {
      en: "from 1,000 to 1,000,000 students of one lecture",
      zh: "一场讲座，从 1,000 到 1,000,000 名学生",
    },
    head: [
      { en: "students", zh: "学生" },
      { en: "Redis, MB", zh: "Redis，MB" },
      { en: "MySQL, MB", zh: "MySQL，MB" },
      { en: "Redis rebuilt, s", zh: "重建 Redis，秒" },
      { en: "claims/s, one connection", zh: "占位/秒，单连接" },
      { en: "script p50, µs", zh: "脚本 p50，微秒" },
      { en: "script p99, µs", zh: "脚本 p99，微秒" },
      DECISIONS,
      { en: "CPU a decision: worker, µs", zh: "每次裁决 CPU：worker，微秒" },
      { en: "MySQL, µs", zh: "MySQL，微秒" },
      { en: "who holds one: names", zh: "持有者名单：人数" },
      { en: "asked, ms", zh: "查询，毫秒" },
      { en: "in Redis, µs", zh: "Redis 内，微秒" },
      { en: "sold out, answers/s", zh: "已满答复/秒" },
      { en: "CPU of one, µs", zh: "每次 CPU，微秒" },
    ],
    rows: sizes.map((size) => [
      whole(size.students),
      short(size.redisMb),
      short(size.mysqlMb),
      short(size.loadSeconds),
      whole(size.claims.perS),
      short(size.claims.inRedis.p50Us),
      short(size.claims.inRedis.p99Us),
      whole(size.decisions.perS),
      whole(size.decisions.cpuMs.parts.worker * 1_000),
      whole(size.decisions.cpuMs.parts.mysql * 1_000),
      size.refusing.fromMemory ? whole(size.refusing.names) : { en: "too many", zh: "过多" },
      short(size.refusing.medianMs),
      whole(size.refusing.inRedisUs),
      whole(size.soldOut.perS),
      whole(size.soldOut.cpuMs.system * 1_000),
    ]),
  };
}

export function lecturesSheet(sizes: ByLectures[]): Sheet {
  return {
    name: "lectures",
    title: { en: "from 1 to 1,000 lectures", zh: "从 1 场到 1,000 场讲座" },
    head: [
      { en: "lectures", zh: "讲座" },
      { en: "Redis rebuilt, s", zh: "重建 Redis，秒" },
      { en: "loader's look, ms", zh: "加载器巡视，毫秒" },
      { en: "sweeper's look, ms", zh: "清扫器巡视，毫秒" },
      { en: "a new one bookable after, s", zh: "新讲座可预约，秒" },
      DECISIONS,
      { en: "CPU of a decision, µs", zh: "每次裁决的 CPU，微秒" },
      { en: "of it worker", zh: "其中 worker" },
      { en: "MySQL", zh: "MySQL" },
      { en: "idle CPU, ms a second", zh: "空闲 CPU，毫秒/秒" },
    ],
    rows: sizes.map(({ lectures, decisions, idleMsPerS, ...looks }) => [
      whole(lectures),
      short(looks.loadSeconds),
      short(looks.lookMs),
      short(looks.sweepMs),
      short(looks.newLectureSeconds),
      whole(decisions.perS),
      whole(decisions.cpuMs.system * 1_000),
      whole(decisions.cpuMs.parts.worker * 1_000),
      whole(decisions.cpuMs.parts.mysql * 1_000),
      whole(PARTS.reduce((sum, part) => sum + idleMsPerS[part], 0)),
    ]),
  };
}

export function partitionsSheet(sizes: ByPartitions[]): Sheet {
  return {
    name: "partitions",
    title: { en: "1, 2 and 4 partitions, one worker", zh: "1、2、4 个分区，一个 worker" },
    head: [
      { en: "partitions", zh: "分区" },
      DECISIONS,
      { en: "CPU of a decision, µs", zh: "每次裁决的 CPU，微秒" },
      ...DECIDING.map((part) => PART_TITLES[part]),
      { en: "CPUs, system", zh: "CPU，系统" },
      { en: "CPUs, others", zh: "CPU，其他程序" },
    ],
    rows: sizes.map(({ partitions, perS, cpuMs, systemCpus, othersCpus }) => [
      String(partitions),
      whole(perS),
      whole(cpuMs.system * 1_000),
      ...DECIDING.map((part) => whole(cpuMs.parts[part] * 1_000)),
      systemCpus.toFixed(2),
      othersCpus.toFixed(2),
    ]),
  };
}
