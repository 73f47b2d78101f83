import { auditLectures } from "../../audit/check.ts";
import { auditText } from "../../audit/table.ts";
import type { FaultSystem } from "../system/system.ts";
import { verdictText } from "./breaches.ts";
import { makeLargeLecture } from "./large-lecture.ts";
import { watchLogs } from "./log-watch.ts";
import type { ChaosOptions } from "./options.ts";
import { chaosTable, scheduleText } from "./report.ts";
import { runSchedule, type ScheduleReport } from "./run-schedule.ts";
import { withSources } from "./rush.ts";
import { drawSchedule, seedOf } from "./schedule.ts";
import { signInStudents } from "./students.ts";

/** What every run receives. */
export interface RunContext {
  system: FaultSystem;
  interrupted: AbortSignal;
  /** shows a line; with `--json` on stderr, beside the machine's output */
  say: (text: string) => void;
}

/** The report of a run: `clean` means no breach. */
export interface ChaosReport {
  seed: number;
  clean: boolean;
  schedules: ScheduleReport[];
}

export const CROWD = 400;
const FRESH = 80;
/**
 * Large enough that loading takes longer than the interval of the workers' looks on a busy machine.
 * Small enough to cost a schedule little.
 */
const LARGE = { decisions: 30_000, seatsLeft: 10, opensInS: 1, openForMin: 24 * 60 };

/**
 * Runs schedules one after the other, up to the requested number or time, and audits all their
 * lectures together at the end. `onSchedule` runs after each, at rest.
 */
export async function runChaos(
  { system, interrupted, say }: RunContext,
  options: ChaosOptions,
  onSchedule: () => Promise<void> = async () => {},
): Promise<ChaosReport> {
  const crowd = await signInStudents(system.edgeUrl, CROWD, "chaos");
  const fresh = await signInStudents(system.edgeUrl, FRESH, "fresh");
  const large = await withSources(system, (sources) => makeLargeLecture(sources, LARGE));
  const { minutes = Number.POSITIVE_INFINITY, seed } = options;
  const isSoak = options.mode === "soak";
  const isTimed = options.minutes !== undefined;
  const count = isTimed ? Number.POSITIVE_INFINITY : options.schedules;
  const length = isTimed ? `${minutes} minutes of schedules` : `${count} schedules`;
  say(`\n${length} from seed ${seed}; logs in ${system.dir}/*/logs\n`);

  const endsAtMs = performance.now() + minutes * 60_000;
  const schedules: ScheduleReport[] = [];
  const uncaughtErrors = watchLogs(system);
  for (let index = 0; index < count && performance.now() < endsAtMs; index += 1) {
    interrupted.throwIfAborted();
    const schedule = drawSchedule(seedOf(seed, index), { mayKill: !isSoak });
    const report = await runSchedule({ system, crowd, fresh, large, interrupted }, schedule);
    report.breaches.push(...(await uncaughtErrors()).map((what) => ({ what })));
    await onSchedule();
    schedules.push(report);
    say(scheduleText(report, index + 1, isTimed ? "…" : String(count), isSoak));
    if (options["stop-at-first"] && report.breaches.length > 0) break;
  }
  say(`\n${chaosTable(schedules)}`);
  return { seed, clean: await conclude({ system, say }, schedules), schedules };
}

async function conclude(
  { system, say }: Pick<RunContext, "system" | "say">,
  schedules: ScheduleReport[],
): Promise<boolean> {
  const audit = await withSources(system, (sources) => auditLectures(sources));
  const broken = audit.lectures.filter(({ verdicts }) => verdicts.some(({ count }) => count > 0));
  if (!audit.clean) say(auditText({ ...audit, lectures: broken }));
  const breaches = schedules.reduce((sum, report) => sum + report.breaches.length, 0);
  const clean = breaches === 0 && audit.clean;
  const inAll = audit.clean
    ? "the audit of all lectures together is clean"
    : `the audit of all lectures together found ${audit.breaches} breaches`;
  say(verdictText(clean, `${schedules.length} schedules, ${breaches} breaches; ${inAll}`));
  return clean;
}
