import pc from "picocolors";
import * as z from "zod";

/** The part of Schemathesis' report that is used here. */
export const Report = z.object({
  seed: z.number(),
  running_time: z.number(),
  operations: z.object({ tested: z.int(), total: z.int() }),
  test_cases: z.object({ generated: z.int() }),
  failures: z.array(
    z.object({ title: z.string(), count: z.int(), operations: z.array(z.string()) }),
  ),
  errors: z._default(z.array(z.unknown()), []),
});
export type Report = z.infer<typeof Report>;

/** Whether every answer was documented, and every operation was asked. */
export function holds({ failures, errors, operations }: Report): boolean {
  return failures.length === 0 && errors.length === 0 && operations.tested === operations.total;
}

/** The findings in lines, and where the requests stand that led to them. */
export function reportText(role: string, report: Report, log: string): string {
  const { failures, errors, operations, test_cases, running_time } = report;
  const summary =
    `as ${role}: ${test_cases.generated} requests to ` +
    `${operations.tested} of ${operations.total} operations in ${running_time.toFixed(0)} s`;
  if (holds(report)) return pc.green(`${summary}: every answer is documented, none is a 5xx`);
  const found = failures.map(
    ({ title, count, operations }) => `${title}: ${operations.join(", ")} (${count} times)`,
  );
  const broken = errors.length > 0 ? [`${errors.length} requests could not be made`] : [];
  return [...found, ...broken, `${summary}; the requests are in ${log}`]
    .map((line) => pc.red(line))
    .join("\n");
}
