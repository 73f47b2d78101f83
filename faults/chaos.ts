import pc from "picocolors";
import { auditLectures } from "../audit/check.ts";
import { auditText } from "../audit/table.ts";
import type { Interrupts } from "../stack/interrupts.ts";
import type { ChaosOptions } from "./options.ts";
import { chaosTable, scheduleText } from "./report.ts";
import { runSchedule, type ScheduleReport, withSources } from "./run-schedule.ts";
import { drawSchedule, seedOf } from "./schedule.ts";
import { signInStudents } from "./sign-in.ts";
import { type FaultSystem, startSystem } from "./system.ts";

const CROWD = 400;
const FRESH = 80;
/** Long enough for any run, so that nobody has to sign in twice. */
const SESSION_MINUTES = "1440";

/** Runs schedules one after the other on one system. Answers the exit code. */
export async function runChaos(options: ChaosOptions, { stop, hurry }: Interrupts): Promise<number> {
  const say = (text: string) => console[options.json ? "error" : "log"](text);
  const system = await startSystem({
    dir: options.dir,
    settings: { SESSION_MINUTES },
    interrupted: stop,
    hurry,
    quietly: options.json,
  });
  const reports: ScheduleReport[] = [];
  try {
    const clean = await runSchedules(system, options, { stop, say, reports });
    if (options.json) console.log(JSON.stringify({ seed: options.seed, clean, schedules: reports }, null, 2));
    return clean ? 0 : 1;
  } finally {
    await system.stop();
  }
}

async function runSchedules(
  system: FaultSystem,
  options: ChaosOptions,
  { stop, say, reports }: { stop: AbortSignal; say: (text: string) => void; reports: ScheduleReport[] },
): Promise<boolean> {
  const crowd = await signInStudents(system.edgeUrl, CROWD, "chaos");
  const fresh = await signInStudents(system.edgeUrl, FRESH, "fresh");
  say(`\n${options.schedules} schedules from seed ${options.seed}; logs in ${system.dir}/*/logs\n`);
  for (let index = 0; index < options.schedules; index += 1) {
    stop.throwIfAborted();
    const schedule = drawSchedule(seedOf(options.seed, index), { mayKill: !options.soak });
    const report = await runSchedule({ system, crowd, fresh, interrupted: stop }, schedule);
    reports.push(report);
    say(scheduleText(report, index + 1, String(options.schedules)));
    if (options.stopAtFirst && report.breaches.length > 0) break;
  }
  say(`\n${chaosTable(reports)}`);
  const audit = await withSources(system, (sources) => auditLectures(sources));
  if (!audit.clean) say(auditText(audit));
  const breaches = reports.reduce((sum, report) => sum + report.breaches.length, 0);
  const clean = breaches === 0 && audit.clean;
  const inAll = audit.clean
    ? "the audit of all lectures together is clean"
    : `the audit of all lectures together found ${audit.breaches} breaches`;
  say((clean ? pc.green : pc.red)(`${reports.length} schedules, ${breaches} breaches; ${inAll}`));
  return clean;
}
