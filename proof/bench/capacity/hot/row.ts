import type { LectureId } from "../../../../contract/ids.ts";
import { decide } from "../../../../worker/decide.ts";
import { chunksOf } from "../../chunks.ts";
import { prepareCommands } from "../../commands.ts";
import { makeLectures } from "../../lectures.ts";
import { metered } from "../../processes.ts";
import type { Bench } from "../bench.ts";
import { startEmpty } from "../load/lectures.ts";

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
const DECISIONS = 30_000;

export async function measureRow(bench: Bench): Promise<Row> {
  await startEmpty(bench);
  const [first = "", ...others] = await makeLectures(bench.clients, { count: 5, seats: 1_000_000 });
  await measure(bench, [first]);
  return {
    one: await measure(bench, [first]),
    sideBySide: await measure(bench, others),
    fightingForOne: await measure(bench, [first, first, first, first]),
  };
}

/** Each lane decides its lecture's batches one after another. */
async function measure({ system, clients }: Bench, lanes: LectureId[]): Promise<RowRate> {
  const ofLanes = lanes.map((lectureId) =>
    chunksOf(prepareCommands([lectureId], DECISIONS / lanes.length), BATCH),
  );
  const { seconds, cpu } = await metered(system, () =>
    Promise.all(
      ofLanes.map(async (batches) => {
        for (const batch of batches) await decide(clients.database, batch, Date.now());
      }),
    ),
  );
  return {
    perS: Math.round(DECISIONS / seconds),
    workerCpuUs: Math.round((cpu.generator * 1_000) / DECISIONS),
    mysqlCpuUs: Math.round((cpu.parts.mysql * 1_000) / DECISIONS),
  };
}
