import { join } from "node:path";
import Table from "cli-table3";
import pc from "picocolors";
import type { LectureId } from "../../../contract/ids.ts";
import { launch, stop } from "../../../stack/processes.ts";
import { auditLectures } from "../../audit/check.ts";
import { waitForRest } from "../../audit/rest.ts";
import type { AuditSources } from "../../audit/sources.ts";
import { edgeClient, type SignedInStudent } from "../../kit/edge-client.ts";
import type { FaultSystem } from "../system/system.ts";
import type { RunContext } from "./chaos.ts";
import { makeLargeLecture, tellNotReady, untilReady } from "./large-lecture.ts";
import type { ChaosOptions } from "./options.ts";
import { withSources } from "./run-schedule.ts";
import { signInStudents } from "./sign-in.ts";
import { book, type ChaosRush } from "./take-part.ts";

/**
 * The times for which the lecture was closed, by the number of workers; null beyond the longest
 * wait.
 */
export interface NotReadyReport {
  clean: boolean;
  decisions: number;
  rounds: { workers: number; closedMs: (number | null)[]; booked: number }[];
  breaches: string[];
}

const DECISIONS = 120_000;
const CROWD = 200;
/** The bar, and the longest wait for a lecture. */
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
  { rounds }: ChaosOptions,
): Promise<NotReadyReport> {
  const { system, say } = context;
  const crowd = await signInStudents(system.edgeUrl, CROWD, "large");
  return await withSources(system, async (sources) => {
    const large = { decisions: DECISIONS, seatsLeft: CROWD * 10, opensInS: 1, openForMin: 120 };
    const lectureId = await makeLargeLecture(sources, large);
    const rush = startRush(system, lectureId, crowd);
    const { two, three } = await runBoth(context, sources, { lectureId, rounds }).finally(rush.end);
    const booked = await rush.booked();
    const admitting = new Set([lectureId]);
    const waiting = {
      lectureIds: [lectureId],
      admitting,
      withQueues: true,
      waitMs: REST_WITHIN_MS,
    };
    const rest = await waitForRest(sources, waiting);
    const audit = await auditLectures(sources, { lectureIds: [lectureId] });
    const breaches = [
      ...[...two, ...three]
        .filter((ms) => ms === null || ms > OPEN_WITHIN_MS)
        .map((ms) => `closed for ${ms} ms`),
      ...(rest.reached ? [] : [`no rest within a minute: ${JSON.stringify(rest.motion)}`]),
      ...(audit.clean ? [] : [`the audit found ${audit.breaches} breaches`]),
      ...system.takeOwnEndings(),
    ];
    const report = {
      clean: breaches.length === 0,
      decisions: DECISIONS,
      rounds: [
        { workers: 2, closedMs: two, booked },
        { workers: 3, closedMs: three, booked },
      ],
      breaches,
    };
    say(notReadyText(report));
    return report;
  });
}

async function runBoth(
  context: RunContext,
  sources: AuditSources,
  large: { lectureId: LectureId; rounds: number },
) {
  await untilReady(sources, large.lectureId, REST_WITHIN_MS);
  const two = await runRounds(context, sources, { ...large, workers: 2 });
  const third = await startThirdWorker(context.system);
  const three = await runRounds(context, sources, { ...large, workers: 3 }).finally(third.stop);
  return { two, three };
}

async function runRounds(
  { interrupted, say }: RunContext,
  sources: AuditSources,
  { lectureId, workers, rounds }: { lectureId: LectureId; workers: number; rounds: number },
): Promise<(number | null)[]> {
  const closedMs: (number | null)[] = [];
  while (closedMs.length < rounds) {
    interrupted.throwIfAborted();
    await Bun.sleep(PAUSE_MS);
    await tellNotReady(sources, lectureId);
    closedMs.push((await untilReady(sources, lectureId, PATIENCE_MS)) ?? null);
    say(`${workers} workers, ${closedMs.length} of ${rounds}: closed for ${closedMs.at(-1)} ms`);
  }
  return closedMs;
}

/** Starts a third worker beside the system's two, with the settings of the second. */
async function startThirdWorker({ units, dir }: FaultSystem): Promise<{ stop(): Promise<void> }> {
  const second = units["worker-2"].launched();
  if (!second) throw new Error("the second worker does not run");
  const env = { ...second.env, WORKER_PORT: "0" };
  const child = launch({ ...second, env }, join(dir, "worker-3.log"));
  const hurry = new AbortController().signal;
  return {
    async stop() {
      await stop(child.id, 15_000, hurry);
    },
  };
}

/**
 * Every student books and gives the seat back, as often as the throttle allows. `end` stops the
 * rush, `booked` counts the bookings.
 */
function startRush(system: FaultSystem, lectureId: LectureId, crowd: SignedInStudent[]) {
  const over = new AbortController();
  const edge = edgeClient(system.edgeUrl, { waitS: 5, keepsConnections: false });
  const rush: ChaosRush = {
    edges: { waiting: edge, polling: edge },
    lectureId,
    opensAtMs: performance.now(),
    endsAtMs: () => (over.signal.aborted ? performance.now() + 15_000 : Number.POSITIVE_INFINITY),
    record: () => {},
  };
  let booked = 0;
  const pressing = crowd.map(async (session, at) => {
    await Bun.sleep((at / crowd.length) * PRESS_EVERY_MS);
    for (let press = 0; !over.signal.aborted; press += 1) {
      const pressedAtMs = performance.now();
      const key = `large-${press}`;
      const answer = await book(rush, { session, key, afterMs: 0, waits: true }, key, "press");
      if (answer.outcome === "confirmed" && answer.rid) {
        booked += 1;
        await edge.cancel(session.token, answer.rid);
      }
      while (!over.signal.aborted && performance.now() < pressedAtMs + PRESS_EVERY_MS)
        await Bun.sleep(100);
    }
  });
  return {
    end: () => over.abort(),
    async booked(): Promise<number> {
      await Promise.all(pressing);
      return booked;
    },
  };
}

function notReadyText({ decisions, rounds, breaches }: NotReadyReport): string {
  const table = new Table({
    head: ["workers", "times", "open again after s: least", "median", "most"].map((title) =>
      pc.bold(title),
    ),
    style: { head: [], border: [], compact: true },
    colAligns: ["right", "right", "right", "right", "right"],
  });
  for (const { workers, closedMs } of rounds) {
    const sorted = closedMs.map((ms) => ms ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
    const seconds = (ms: number | undefined) => ((ms ?? Number.NaN) / 1_000).toFixed(2);
    const figures = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map(seconds);
    table.push([workers, closedMs.length, ...figures]);
  }
  return [
    `\n${decisions} decisions, told not ready in the middle of a rush (${rounds[0]?.booked} bookings)`,
    table.toString(),
    ...breaches.map((what) => pc.red(`  ${what}`)),
    (breaches.length === 0 ? pc.green : pc.red)(`${breaches.length} breaches`),
  ].join("\n");
}
