import { readHoldings } from "../admission/holdings.ts";
import type { LectureId } from "../contract/ids.ts";
import type { DepthReader } from "../queue/depth-reader.ts";
import { findClaimed, findSeatsTaken } from "./booking-terms.ts";
import type { LoaderDeps } from "./deps.ts";
import type { WorkerMetrics } from "./metrics.ts";
import type { Survey } from "./survey-figures.ts";

/** How often the leader looks, in ms: two MySQL statements, a Redis round trip, one a queue. */
const SURVEY_EVERY_MS = 5_000;

/** The seats taken of each lecture, from MySQL in the survey before. */
export type Taken = Map<LectureId, number>;

/**
 * Surveys while this worker leads, until it stops. A failure is counted; the next survey retries.
 */
export async function keepSurveying(
  deps: LoaderDeps,
  metrics: WorkerMetrics,
  depths: Pick<DepthReader, "read">,
): Promise<void> {
  let before: Taken = new Map();
  while (!deps.stopping.aborted) {
    if (deps.leads()) {
      try {
        const { survey, taken } = await surveyStock(deps, before);
        metrics.survey.last = { ...survey, queues: (await depths.read()) ?? [] };
        metrics.surveys.of("done").value += 1;
        before = taken;
      } catch {
        metrics.surveys.of("failed").value += 1;
      }
    }
    await deps.clock.sleep(SURVEY_EVERY_MS, deps.stopping);
  }
}

/**
 * Reads the claims in Redis, then the seats in MySQL. A decision reaches Redis a moment after
 * MySQL, so in a rush the two rightly differ. Where MySQL's count is that of the survey before,
 * every decision has had time to settle. Only there a difference is drift.
 *
 * @param before `taken` of the survey before
 * @throws where MySQL or Redis does not answer
 */
export async function surveyStock(
  { database, redis, now }: Pick<LoaderDeps, "database" | "redis" | "now">,
  before: Taken,
): Promise<{ survey: Omit<Survey, "queues">; taken: Taken }> {
  const lectureIds = await findClaimed(database);
  const { nowMs, holdings } = await readHoldings(redis, lectureIds);
  const taken = await findSeatsTaken(database, lectureIds);
  const oldest = Math.min(...holdings.map(({ oldestHeldAtMs }) => oldestHeldAtMs ?? nowMs), nowMs);
  const drifts = holdings.map(({ lectureId, confirmed }) => {
    const seats = taken.get(lectureId) ?? 0;
    return before.get(lectureId) === seats ? Math.abs(seats - confirmed) : 0;
  });
  const survey = {
    atMs: now(),
    held: sum(holdings.map(({ held }) => held)),
    oldestHeldMs: nowMs - oldest,
    confirmed: {
      redis: sum(holdings.map(({ confirmed }) => confirmed)),
      mysql: sum(taken.values()),
    },
    driftSeats: sum(drifts),
  };
  return { survey, taken };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
