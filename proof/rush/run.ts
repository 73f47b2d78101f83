import type { LectureId } from "../../contract/ids.ts";
import { inParallel } from "../../pending/in-parallel.ts";
import { auditLectures } from "../audit/check.ts";
import { readDatabase } from "../audit/read-mysql.ts";
import type { AuditReport } from "../audit/report.ts";
import type { AuditSources } from "../audit/sources.ts";
import { openBar } from "../kit/bar.ts";
import type { EdgeClient, SignedInStudent } from "../kit/edge-client.ts";
import { type Entry, intentsOf } from "../kit/journal.ts";
import { makeLecture, untilShown } from "../kit/lecture.ts";
import { type AmendReport, amendDuring } from "./amends.ts";
import { decisionTimes, type Quantiles, refusalTimes } from "./latencies.ts";
import type { RushOptions } from "./options.ts";
import { takePart } from "./press.ts";
import { judgePromises, type PromiseVerdict } from "./promises.ts";
import { drawStudents, type Student } from "./students.ts";

/** The report of a rush. `kept` means that every promise held and the audit is clean. */
export interface RushReport {
  seed: number;
  lectureId: LectureId;
  students: number;
  seats: number;
  /** the number of each answer to each kind of question: `409 sold_out` → press → 2,800 */
  answers: Record<string, Partial<Record<Entry["kind"], number>>>;
  confirmed: number;
  /** from the click to the decision (winners) or to the answer (others), in milliseconds */
  latenciesMs: { winners: Quantiles; others: Quantiles };
  promises: PromiseVerdict[];
  audit: AuditReport;
  /** the changes of the lecture; absent where there were none */
  amends?: AmendReport;
  kept: boolean;
}

const SIGN_INS_AT_A_TIME = 64;
/** G6: an accepted wish is decided within a minute, plus the wait of the last press. */
const PATIENCE_MS = 75_000;
const AUDIT_WAIT_MS = 30_000;

/**
 * Makes a lecture, lets the whole crowd press at its opening, follows every press to its end, and
 * judges the result.
 */
export async function runRush(
  { edge, sources }: { edge: EdgeClient; sources: AuditSources },
  options: RushOptions,
): Promise<RushReport> {
  const crowd = drawStudents(options);
  const sessions = await signIn(edge, crowd);
  const lectureId = await makeLecture(sources, options);
  const opensAtMs = await untilShown(edge, lectureId);
  const setting = { sources, edge, lectureId, opensAtMs, sessions };
  const [entries, amends] = await Promise.all([
    press(edge, { lectureId, opensAtMs }, crowd, sessions),
    options.amends > 0 ? amendDuring(setting, options) : undefined,
  ]);
  const lectureIds = [lectureId, ...(amends ? [amends.cancelled] : [])];
  const audit = await auditLectures(sources, { lectureIds, waitMs: AUDIT_WAIT_MS });
  const { rows } = await readDatabase(sources, lectureId);

  const { seed, seats, students } = options;
  const confirmedRows = rows.filter(({ status }) => status === "confirmed");
  const promises = judgePromises({
    seats,
    students: sessions.map(({ userId }) => userId),
    entries,
    opensAtMs,
    confirmedRows,
    ...(amends && { soldOutRows: rows.filter(({ reason }) => reason === "sold_out") }),
  });
  const isDecided = amends === undefined || amends.undecided === 0;
  const kept = audit.clean && isDecided && promises.every(({ count }) => count === 0);
  const latenciesMs = { winners: decisionTimes(intentsOf(entries)), others: refusalTimes(entries) };
  const confirmed = confirmedRows.length;
  const answers = countAnswers(entries);
  return {
    seed,
    lectureId,
    students,
    seats,
    answers,
    confirmed,
    latenciesMs,
    promises,
    audit,
    ...(amends && { amends }),
    kept,
  };
}

async function signIn(edge: EdgeClient, crowd: Student[]): Promise<SignedInStudent[]> {
  const bar = openBar("signing in", crowd.length);
  try {
    return await inParallel(crowd, SIGN_INS_AT_A_TIME, async ({ number }) => {
      const session = await edge.signIn(number);
      bar.add();
      return session;
    });
  } finally {
    bar.end();
  }
}

/** Plays the crowd. Returns the journal of all questions and answers. */
async function press(
  edge: EdgeClient,
  { lectureId, opensAtMs }: { lectureId: LectureId; opensAtMs: number },
  crowd: Student[],
  sessions: SignedInStudent[],
): Promise<Entry[]> {
  const entries: Entry[] = [];
  const record = (entry: Entry) => entries.push(entry);
  const rush = { edge, lectureId, opensAtMs, endsAtMs: opensAtMs + PATIENCE_MS, record };
  const bar = openBar("pressing", crowd.length);
  try {
    await Promise.all(
      crowd.map(async (student, at) => {
        const session = sessions[at];
        if (session) await takePart(rush, student, session);
        bar.add();
      }),
    );
    return entries;
  } finally {
    bar.end();
  }
}

function countAnswers(entries: Entry[]): RushReport["answers"] {
  const answers: RushReport["answers"] = {};
  for (const { status, outcome, kind } of entries) {
    const name = `${status || "-"} ${outcome}`;
    const counts = answers[name] ?? {};
    counts[kind] = (counts[kind] ?? 0) + 1;
    answers[name] = counts;
  }
  return answers;
}
