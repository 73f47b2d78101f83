import type { CrashPoint } from "../../../runtime/crash-points/crash-point.ts";
import type { Interrupts } from "../../../stack/interrupts.ts";
import { runningParts, stopParts } from "../../../stack/stop-parts.ts";
import { basicEnvironment } from "../../../test/test-stack.ts";
import { auditLectures } from "../../audit/check.ts";
import { readDatabase } from "../../audit/read-mysql.ts";
import type { AuditReport } from "../../audit/report.ts";
import { type OpenSources, openSources } from "../../audit/sources.ts";
import { edgeClient } from "../../kit/edge-client.ts";
import { type OwnSystem, startOwnSystem } from "../../kit/own-system.ts";
import { contradictions } from "./crowd.ts";
import type { Crash } from "./plan.ts";
import type { Stage } from "./provocations.ts";
import {
  type DoomedServices,
  type ServiceName,
  serviceNames,
  superviseDoomed,
} from "./services.ts";

/**
 * The sweeper's longest way, in milliseconds: a dead leader's session ends, claims become overdue,
 * a sweep begins.
 */
const REACHED_WITHIN_MS = 60_000;
const AUDIT_WAIT_MS = 60_000;

/** One service that was ordered to end at one point. */
export interface CrashOutcome {
  point: CrashPoint;
  service: ServiceName;
  /** whether it reached the point, was killed there, and came back */
  killed: boolean;
  /** from the order to the return of the service */
  tookMs: number;
  /** the faults, in words */
  faults: string[];
}

/**
 * The report of all crashes. `kept` means that every point was reached and nothing was lost,
 * oversold or answered in two ways.
 */
export interface CrashReport {
  crashes: CrashOutcome[];
  bookings: number;
  contradictions: string[];
  unexpectedEndings: string[];
  audit: AuditReport;
  kept: boolean;
}

/**
 * Starts the whole system, ends a service at each point in turn while students book, and lets it
 * come back. At the end it audits the servers and every student's answers.
 */
export async function runCrashes(
  crashes: Crash[],
  { interrupts, onCrash }: { interrupts: Interrupts; onCrash: (outcome: CrashOutcome) => void },
): Promise<CrashReport> {
  const { stop, hurry } = interrupts;
  const settings = { ...basicEnvironment(), LOG_LEVEL: "info" };
  const options = { dir: ".stack-crash", settings, quietly: false };
  const system = await startOwnSystem(interrupts, options);
  const services = superviseDoomed(system.plan);
  try {
    const plain = runningParts(system.dir).filter(({ part }) =>
      serviceNames.some((name) => name === part.name),
    );
    await stopParts(system.dir, plain, { hurry, quietly: true });
    await services.start(stop);
    return await crashAll(system, services, crashes, (outcome) => {
      onCrash(outcome);
      stop.throwIfAborted();
    });
  } finally {
    await services.close(hurry);
    await system.stop();
  }
}

async function crashAll(
  { plan, environment }: OwnSystem,
  services: DoomedServices,
  crashes: Crash[],
  onCrash: (outcome: CrashOutcome) => void,
): Promise<CrashReport> {
  const sources = await openSources({ ...environment, PARTITIONS: plan.partitions });
  try {
    const stage: Stage = { edge: edgeClient(environment.EDGE_URL), sources, bookings: [] };
    const outcomes: CrashOutcome[] = [];
    for (const crash of crashes) {
      const outcome = await crashOnce(services, stage, crash);
      outcomes.push(outcome);
      onCrash(outcome);
    }
    return await judge(services, stage, outcomes);
  } finally {
    await sources.close();
  }
}

/** The students go on while the service dies and returns, until each has an answer. */
async function crashOnce(
  services: DoomedServices,
  stage: Stage,
  crash: Crash,
): Promise<CrashOutcome> {
  const { point, service, provoke } = crash;
  const startedAtMs = performance.now();
  const faults: string[] = [];
  const note = (error: unknown) =>
    faults.push(error instanceof Error ? error.message : String(error));
  await services.order(service, point).catch(note);
  const provoking = provoke(stage).catch(note);
  let killed = false;
  await services.untilKilled(service, point, REACHED_WITHIN_MS).then(() => {
    killed = true;
  }, note);
  const tookMs = Math.round(performance.now() - startedAtMs);
  await provoking;
  return { point, service, killed, tookMs, faults };
}

async function judge(
  services: DoomedServices,
  { sources, bookings }: Stage,
  crashes: CrashOutcome[],
): Promise<CrashReport> {
  const audit = await auditLectures(sources, { waitMs: AUDIT_WAIT_MS });
  const rows = await rowsOf(sources, new Set(bookings.map(({ lectureId }) => lectureId)));
  const contradicted = bookings.flatMap((booking) => contradictions(booking, rows));
  const unexpectedEndings = services.unexpectedEndings();
  const kept =
    audit.clean &&
    contradicted.length + unexpectedEndings.length === 0 &&
    crashes.every(({ killed, faults }) => killed && faults.length === 0);
  return {
    crashes,
    bookings: bookings.length,
    contradictions: contradicted,
    unexpectedEndings,
    audit,
    kept,
  };
}

async function rowsOf(sources: OpenSources, lectureIds: Set<string>) {
  const facts = await Promise.all([...lectureIds].map((id) => readDatabase(sources, id)));
  return new Map(facts.flatMap(({ rows }) => rows.map((row) => [row.rid, row])));
}
