import { writeActor } from "../../contract/actor.ts";
import { CSV_TYPE } from "../../contract/csv-files.ts";
import { HOST_ID_FORM } from "../../contract/host.ts";
import {
  ImportAnswer,
  type ImportedRow,
  type ImportFault,
  type ImportReport,
  type ShownFault,
} from "../../contract/lecture-file.ts";
import { MAX_WAIT_MS } from "../../contract/origin-api.ts";
import { answerJson, requestIdOf } from "../answer.ts";
import { keyOf } from "../claim-intent.ts";
import type { EdgeContext } from "../context.ts";
import { readCsvBody } from "../csv-body.ts";
import type { EdgeDeps } from "../deps.ts";
import { actorOf } from "../organiser.ts";
import { askFor } from "../origin-answers.ts";
import { passFile } from "../pass-file.ts";
import { languageOf, problem, Refused } from "../problem.ts";
import { answerUnavailable } from "../unavailable.ts";

type Deps = Pick<EdgeDeps, "origin">;

/**
 * POST /api/admin/lectures/import: makes the lectures of a CSV file, all of them or none where a
 * row is wrong (422 `invalid_import` with every fault). With `dryRun=1` nothing is made. 202 while
 * some are not made yet: the same request, with its Idempotency-Key, goes on.
 */
export function importLectures({ origin }: Deps) {
  return async (c: EdgeContext): Promise<Response> => {
    const { dryRun } = c.req.query();
    const isDryRun = dryRun === "1";
    if (dryRun !== undefined && !isDryRun)
      throw new Refused("invalid_request", { detail: DRY_RUN });
    const key = keyOf(c) ?? (isDryRun ? requestIdOf(c) : undefined);
    if (key === undefined) throw new Refused("invalid_request", { detail: NO_KEY });
    const body = readCsvBody(c);
    if (!body) throw new Refused("unsupported_media_type", { headers: { Accept: CSV_TYPE } });
    const asked = new URLSearchParams({ key, at: String(Date.now()) });
    if (isDryRun) asked.set("dryRun", "1");
    const answer = await askFor(ImportAnswer, origin, {
      method: "POST",
      path: `/admin/lecture-file?${writeActor(actorOf(c))}&${asked}`,
      body,
      headers: { "Content-Type": CSV_TYPE },
      // The origin makes lectures for so long, and then says which are left.
      waitMs: MAX_WAIT_MS,
      requestId: requestIdOf(c),
    });
    if (answer.outcome === "unknown") return answerUnavailable(c, "import", answer.error);
    if (answer.outcome === "refused") return problem(c, answer.code);
    const { value } = answer;
    if ("faults" in value) return answerFaults(c, value.faults);
    const report = reportOf(value.rows, isDryRun);
    return answerJson(c, (report.counts.pending ?? 0) > 0 ? 202 : 200, report);
  };
}

/** GET /api/admin/lectures/export: lectures of the organiser's hosts, as `import` takes them. */
export function exportLectures({ origin }: Deps) {
  return (c: EdgeContext): Promise<Response> => {
    const { host } = c.req.query();
    if (host !== undefined && !HOST_ID_FORM.test(host)) throw new Refused("host_not_found");
    const ofHost = host === undefined ? "" : `&host=${host}`;
    const path = `/admin/lecture-file?${writeActor(actorOf(c))}${ofHost}`;
    return passFile(c, origin, path, "lectures");
  };
}

function reportOf(rows: ImportedRow[], dryRun: boolean): ImportReport {
  const counts = { valid: 0, made: 0, unchanged: 0, pending: 0, refused: 0 };
  for (const { status } of rows) counts[status] += 1;
  return { dryRun, counts, rows };
}

/** Faults in one answer: a file may have many more, and its author mends these first. */
const FAULTS_MAX = 1_000;

function answerFaults(c: EdgeContext, faults: ImportFault[]): Response {
  const language = languageOf(c);
  const rows: ShownFault[] = faults.slice(0, FAULTS_MAX).map((fault) => ({
    row: fault.row,
    ...(fault.field !== undefined && { field: fault.field }),
    reason: fault[language],
  }));
  return problem(c, "invalid_import", { members: { rows, faults: faults.length } });
}

const NO_KEY = {
  en: "An import needs an Idempotency-Key: sent again with it, it goes on and makes nothing twice.",
  zh: "导入须带 Idempotency-Key：使用相同的键重试会继续导入，且不会重复创建。",
};

const DRY_RUN = {
  en: `dryRun must be 1, or be left out.`,
  zh: `dryRun 须为 1 或省略。`,
};
