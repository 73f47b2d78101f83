import { sum } from "../../processes.ts";
import type { ByLectures } from "../growth/lectures.ts";
import type { ByPartitions } from "../growth/partitions.ts";
import type { ByStudents } from "../growth/students.ts";
import { cpus, micros, partColumns, type Sheet, sheetOf, short, whole } from "./sheet.ts";

/** The parts that a decision passes behind the queue. */
const DECIDING = ["worker", "mysql", "redis-http", "redis", "zookeeper", "rabbitmq"] as const;

export function studentsSheet(sizes: ByStudents[]): Sheet {
  return sheetOf(
    { name: "students", title: "from 1,000 to 1,000,000 students of one lecture" },
    [
      ["students", ({ students }) => whole(students)],
      ["Redis, MB", ({ redisMb }) => short(redisMb)],
      ["MySQL, MB", ({ mysqlMb }) => short(mysqlMb)],
      ["Redis rebuilt, s", ({ loadSeconds }) => short(loadSeconds)],
      ["claims/s, one connection", ({ claims }) => whole(claims.perS)],
      ["script p50, µs", ({ claims }) => short(claims.inRedis.p50Us)],
      ["script p99, µs", ({ claims }) => short(claims.inRedis.p99Us)],
      ["decisions/s", ({ decisions }) => whole(decisions.perS)],
      ["CPU a decision: worker, µs", ({ decisions }) => micros(decisions.cpuMs.parts.worker)],
      ["MySQL, µs", ({ decisions }) => micros(decisions.cpuMs.parts.mysql)],
      [
        "who holds one: names",
        ({ refusing: { fromMemory, names } }) => (fromMemory ? whole(names) : "too many"),
      ],
      ["asked, ms", ({ refusing }) => short(refusing.medianMs)],
      ["in Redis, µs", ({ refusing }) => whole(refusing.inRedisUs)],
      ["sold out, answers/s", ({ soldOut }) => whole(soldOut.perS)],
      ["CPU of one, µs", ({ soldOut }) => micros(soldOut.cpuMs.system)],
    ],
    sizes,
  );
}

export function lecturesSheet(sizes: ByLectures[]): Sheet {
  return sheetOf(
    { name: "lectures", title: "from 1 to 1,000 lectures" },
    [
      ["lectures", ({ lectures }) => whole(lectures)],
      ["Redis rebuilt, s", ({ loadSeconds }) => short(loadSeconds)],
      ["loader's look, ms", ({ lookMs }) => short(lookMs)],
      ["sweeper's look, ms", ({ sweepMs }) => short(sweepMs)],
      ["a new one bookable after, s", ({ newLectureSeconds }) => short(newLectureSeconds)],
      ["decisions/s", ({ decisions }) => whole(decisions.perS)],
      ["CPU of a decision, µs", ({ decisions }) => micros(decisions.cpuMs.system)],
      ["of it worker", ({ decisions }) => micros(decisions.cpuMs.parts.worker)],
      ["MySQL", ({ decisions }) => micros(decisions.cpuMs.parts.mysql)],
      ["idle CPU, ms a second", ({ idleMsPerS }) => whole(sum(idleMsPerS))],
    ],
    sizes,
  );
}

export function partitionsSheet(sizes: ByPartitions[]): Sheet {
  return sheetOf<ByPartitions>(
    { name: "partitions", title: "1, 2 and 4 partitions, one worker" },
    [
      ["partitions", ({ partitions }) => String(partitions)],
      ["decisions/s", ({ perS }) => whole(perS)],
      ["CPU of a decision, µs", ({ cpuMs }) => micros(cpuMs.system)],
      ...partColumns<ByPartitions>(DECIDING, ({ cpuMs }, part) => micros(cpuMs.parts[part])),
      ["CPUs, system", ({ systemCpus }) => cpus(systemCpus)],
      ["CPUs, others", ({ othersCpus }) => cpus(othersCpus)],
    ],
    sizes,
  );
}
