import type { Results } from "../measurements.ts";
import { costSheets } from "./cost-sheets.ts";
import { lecturesSheet, partitionsSheet, studentsSheet } from "./growth-sheets.ts";
import { hotSheets } from "./hot-sheets.ts";
import { latencySheets } from "./latency-sheets.ts";
import type { Sheet } from "./sheet.ts";
import { type SizedFrom, sizingSheet } from "./sizing.ts";

/** Every table that these results suffice for, in the guide's order. */
export function sheetsOf(results: Partial<Results>): Sheet[] {
  const students = present([
    results["students-1000"],
    results["students-10000"],
    results["students-100000"],
    results["students-1000000"],
  ]);
  const lectures = present([
    results["lectures-1"],
    results["lectures-10"],
    results["lectures-100"],
    results["lectures-1000"],
  ]);
  const partitions = present([
    results["partitions-1"],
    results["partitions-2"],
    results["partitions-4"],
  ]);
  return [
    ...(results.cost ? costSheets(results.cost) : []),
    ...(results.latency ? latencySheets(results.latency) : []),
    ...(students.length > 0 ? [studentsSheet(students)] : []),
    ...(lectures.length > 0 ? [lecturesSheet(lectures)] : []),
    ...(partitions.length > 0 ? [partitionsSheet(partitions)] : []),
    ...(results.hot ? hotSheets(results.hot) : []),
    ...(isEnough(results) ? [sizingSheet(results)] : []),
  ];
}

function present<Value>(values: (Value | undefined)[]): Value[] {
  return values.filter((value) => value !== undefined);
}

function isEnough(results: Partial<Results>): results is Partial<Results> & SizedFrom {
  const needed = ["cost", "partitions-1", "students-1000", "students-1000000", "hot"] as const;
  return needed.every((name) => results[name] !== undefined);
}
