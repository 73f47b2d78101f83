import type { Bench } from "./bench.ts";
import { measureBytes } from "./cost/bytes.ts";
import { measureRequests } from "./cost/requests.ts";
import { lecturesGrowth } from "./growth/lectures.ts";
import { partitionsGrowth } from "./growth/partitions.ts";
import { studentsGrowth } from "./growth/students.ts";
import { hot } from "./hot/hot.ts";
import { latency } from "./latency.ts";

/** CPU and bytes of one reservation: the CPU of every process, and the bytes in every server. */
async function cost(bench: Bench) {
  return { ...(await measureRequests(bench)), bytes: await measureBytes(bench) };
}

/** Every measurement by its name on the command line and in the results, in order of execution. */
export const measurements = {
  cost,
  latency,
  "students-1000": studentsGrowth(1_000),
  "students-10000": studentsGrowth(10_000),
  "students-100000": studentsGrowth(100_000),
  "students-1000000": studentsGrowth(1_000_000),
  "lectures-1": lecturesGrowth(1),
  "lectures-10": lecturesGrowth(10),
  "lectures-100": lecturesGrowth(100),
  "lectures-1000": lecturesGrowth(1_000),
  "partitions-1": partitionsGrowth(1),
  "partitions-2": partitionsGrowth(2),
  "partitions-4": partitionsGrowth(4),
  hot,
};

export type MeasurementName = keyof typeof measurements;

/** The result of each measurement. */
export type Results = {
  [Name in MeasurementName]: Awaited<ReturnType<(typeof measurements)[Name]>>;
};

export const measurementNames = Object.keys(measurements) as MeasurementName[];
