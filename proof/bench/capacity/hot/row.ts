import type { ReserveCommand } from "../../../../contract/command.ts";
import type { LectureId } from "../../../../contract/ids.ts";
import { decide } from "../../../../worker/decide.ts";
import { makeLectures, startEmpty, wishMaker } from "../load/lectures.ts";
import type { Bench } from "../measurement.ts";
import { countCpu } from "../system/processes.ts";

/** The worker's transaction alone, in batches, on this many connections. */
export interface RowRate {
  perS: number;
  /** the CPU of the deciding process and of MySQL for one decision, in microseconds */
  workerCpuUs: number;
  mysqlCpuUs: number;
}

export interface Row {
  /** one lecture with consecutive batches, as in its partition */
  one: RowRate;
  /** four lectures side by side, as in four partitions */
  sideBySide: RowRate;
  /** one lecture with batches on four connections, which wait for its stock row */
  fightingForOne: RowRate;
}

const BATCH = 500;
const BATCHES = 60;

export async function measureRow(bench: Bench): Promise<Row> {
  const { system, clients } = bench;
  await startEmpty(system, clients);
  const ids = await makeLectures(clients, { count: 5, seats: 1_000_000 });
  const [first = ""] = ids;
  await measure(bench, [first]);
  return {
    one: await measure(bench, [first]),
    sideBySide: await measure(bench, ids.slice(1)),
    fightingForOne: await measure(
      bench,
      Array.from({ length: 4 }, () => first),
    ),
  };
}

/** Each lane decides its lecture's batches one after another. */
async function measure({ system, clients }: Bench, lanes: LectureId[]): Promise<RowRate> {
  const ofLane = lanes.map((lectureId) => batchesOf(lectureId, BATCHES / lanes.length));
  const [counted, startedMs] = [countCpu(system), performance.now()];
  await Promise.all(
    ofLane.map(async (batches) => {
      for (const batch of batches) await decide(clients.database, batch, Date.now());
    }),
  );
  const seconds = (performance.now() - startedMs) / 1_000;
  const [decisions, { parts, generator }] = [BATCH * BATCHES, counted()];
  return {
    perS: Math.round(decisions / seconds),
    workerCpuUs: Math.round((generator * 1_000) / decisions),
    mysqlCpuUs: Math.round((parts.mysql * 1_000) / decisions),
  };
}

function batchesOf(lectureId: LectureId, count: number): ReserveCommand[][] {
  const nextWish = wishMaker([lectureId]);
  const command = () => ({ kind: "reserve" as const, ...nextWish(), claimedAtMs: Date.now() });
  return Array.from({ length: count }, () => Array.from({ length: BATCH }, command));
}
