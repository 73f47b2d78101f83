import type { ByLectures } from "../growth/lectures.ts";
import type { ByPartitions } from "../growth/partitions.ts";
import type { ByStudents } from "../growth/students.ts";
import { measurementNames, type Results } from "../measurements.ts";
import { costSheets } from "./cost-sheets.ts";
import { lecturesSheet, partitionsSheet, studentsSheet } from "./growth-sheets.ts";
import { hotSheets } from "./hot-sheets.ts";
import { latencySheets } from "./latency-sheets.ts";
import type { Sheet } from "./sheet.ts";
import { type SizedFrom, sizingSheet } from "./sizing.ts";

/** Every table that these results suffice for, in the guide's order. */
export function sheetsOf(results: Partial<Results>): Sheet[] {
  const students = sizesOf<ByStudents>(results, "students");
  const lectures = sizesOf<ByLectures>(results, "lectures");
  const partitions = sizesOf<ByPartitions>(results, "partitions");
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

/** The results of one kind of growth, by size. */
function sizesOf<Size>(results: Partial<Results>, kind: string): Size[] {
  const names = measurementNames.filter((name) => name.startsWith(`${kind}-`));
  return names.flatMap((name) => results[name] ?? []) as Size[];
}

function isEnough(results: Partial<Results>): results is Partial<Results> & SizedFrom {
  const needed = ["cost", "partitions-1", "students-1000", "students-1000000", "hot"] as const;
  return needed.every((name) => results[name] !== undefined);
}
