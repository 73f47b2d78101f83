import { join } from "node:path";
import type { LectureId } from "../../../contract/ids.ts";
import { launch, stop } from "../../../stack/processes.ts";
import type { Breach } from "../../audit/breach.ts";
import { auditLectures } from "../../audit/check.ts";
import { waitForRest } from "../../audit/rest.ts";
import type { AuditSources } from "../../audit/sources.ts";
import type { SignedInStudent } from "../../kit/edge-client.ts";
import { tableText } from "../../kit/table.ts";
import type { FaultSystem } from "../system/system.ts";
import { breachesOf, breachLines, verdictText } from "./breaches.ts";
import type { RunContext } from "./chaos.ts";
import { makeLargeLecture, tellNotReady, untilReady } from "./large-lecture.ts";
import type { ChaosOptions } from "./options.ts";
import { seconds } from "./report.ts";
import { enter, openRush, withSources } from "./rush.ts";
import { signInStudents } from "./students.ts";

/**
 * The times for which the lecture was closed, by the number of workers; null beyond the longest
 * wait.
 */
export interface NotReadyReport {
  clean: boolean;
  decisions: number;
  rounds: { workers: number; closedMs: (number | null)[] }[];
  booked: number;
  breaches: Breach[];
}

const DECISIONS = 120_000;
const CROWD = 200;
/** The bar, and the longest wait for a lecture, or of a student after the end of the rush. */
const OPEN_WITHIN_MS = 10_000;
const PATIENCE_MS = 20_000;
/** The pause between two rounds, in which the rush goes on. */
const PAUSE_MS = 700;
/** The time between two presses of a student: the throttle of claim.lua. */
const PRESS_EVERY_MS = 10_500;
const REST_WITHIN_MS = 60_000;

/**
 * A lecture with many decisions is set to not ready in the middle of a rush, repeatedly, with two
 * workers and with three. Each time it must open again within ten seconds. At the end all servers
 * must agree.
 */
export async function runNotReady(
  context: RunContext,
  { rounds: count }: ChaosOptions,
): Promise<NotReadyReport> {
  const { system, say } = context;
  const crowd = await signInStudents(system.edgeUrl, CROWD, "large");
  return await withSources(system, async (sources) => {
    const large = { decisions: DECISIONS, seatsLeft: CROWD * 10, opensInS: 1, openForMin: 120 };
    const lectureId = await makeLargeLecture(sources, large);
    const lectureIds = [lectureId];
    const rush = startRush(system, lectureId, crowd);
    const rounds = await runBoth(context, sources, { lectureId, count }).finally(rush.end);
    const booked = await rush.booked();
    const rest = await waitForRest(sources, {
      lectureIds,
      admitting: new Set(lectureIds),
      withQueues: true,
      waitMs: REST_WITHIN_MS,
    });
    const audit = await auditLectures(sources, { lectureIds });
    const closed = rounds.flatMap(({ closedMs }) => closedMs);
    const breaches = [
      ...closed
        .filter((ms) => ms === null || ms > OPEN_WITHIN_MS)
        .map((ms) => ({ what: `closed for ${ms} ms` })),
      ...breachesOf(system, { rest, audit }),
    ];
    const clean = breaches.length === 0;
    const report = { clean, decisions: DECISIONS, rounds, booked, breaches };
    say(notReadyText(report));
    return report;
  });
}

async function runBoth(
  context: RunContext,
  sources: AuditSources,
  large: { lectureId: LectureId; count: number },
): Promise<NotReadyReport["rounds"]> {
  await untilReady(sources, large.lectureId, REST_WITHIN_MS);
  const two = await runRounds(context, sources, { ...large, workers: 2 });
  const third = await startThirdWorker(context.system);
  const three = await runRounds(context, sources, { ...large, workers: 3 }).finally(third.stop);
  return [two, three];
}

async function runRounds(
  { interrupted, say }: RunContext,
  sources: AuditSources,
  { lectureId, workers, count }: { lectureId: LectureId; workers: number; count: number },
): Promise<NotReadyReport["rounds"][number]> {
  const closedMs: (number | null)[] = [];
  while (closedMs.length < count) {
    interrupted.throwIfAborted();
    await Bun.sleep(PAUSE_MS);
    await tellNotReady(sources, lectureId);
    closedMs.push((await untilReady(sources, lectureId, PATIENCE_MS)) ?? null);
    say(`${workers} workers, ${closedMs.length} of ${count}: closed for ${closedMs.at(-1)} ms`);
  }
  return { workers, closedMs };
}

/** Starts a third worker beside the system's two, with the settings of the second. */
async function startThirdWorker({ units, dir }: FaultSystem) {
  const second = units["worker-2"].launched();
  if (!second) throw new Error("the second worker does not run");
  const env = { ...second.env, WORKER_PORT: "0" };
  const child = launch({ ...second, env }, join(dir, "worker-3.log"));
  return { stop: () => stop(child.id, 15_000, new AbortController().signal) };
}

/**
 * Every student books and gives the seat back, as often as the throttle allows. `end` stops the
 * rush, `booked` counts the bookings.
 */
function startRush(system: FaultSystem, lectureId: LectureId, crowd: SignedInStudent[]) {
  const over = new AbortController();
  const rush = openRush(system, { lectureId, opensAtMs: performance.now() });
  let booked = 0;
  const pressing = crowd.map(async (session, at) => {
    const { book } = enter(rush, session);
    await Bun.sleep((at / crowd.length) * PRESS_EVERY_MS);
    for (let press = 0; !over.signal.aborted; press += 1) {
      const pressedAtMs = performance.now();
      const { outcome, rid } = await book(`large-${press}`);
      if (outcome === "confirmed" && rid) {
        booked += 1;
        await rush.waiting.cancel(session.token, rid);
      }
      while (!over.signal.aborted && performance.now() < pressedAtMs + PRESS_EVERY_MS)
        await Bun.sleep(100);
    }
  });
  return {
    end() {
      over.abort();
      rush.endsAtMs = performance.now() + PATIENCE_MS;
    },
    async booked(): Promise<number> {
      await Promise.all(pressing);
      return booked;
    },
  };
}

function notReadyText({ clean, decisions, rounds, booked, breaches }: NotReadyReport): string {
  const head = ["workers", "times", "open again after s: least", "median", "most"];
  const rows = rounds.map(({ workers, closedMs }) => {
    const sorted = closedMs.toSorted((a, b) => (a ?? PATIENCE_MS) - (b ?? PATIENCE_MS));
    const figures = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
    return [workers, closedMs.length, ...figures.map((ms) => seconds(ms ?? null, 2))];
  });
  return [
    `\n${decisions} decisions, told not ready in the middle of a rush (${booked} bookings)`,
    tableText(head, rows, { left: [] }),
    ...breachLines(breaches),
    verdictText(clean, `${breaches.length} breaches`),
  ].join("\n");
}
