import { readHoldings } from "../admission/holdings.ts";
import type { LectureId } from "../contract/ids.ts";
import type { DepthReader } from "../queue/depth-reader.ts";
import { findClaimed, findSeatsTaken } from "./catalogue.ts";
import type { LoaderDeps } from "./deps.ts";
import type { WorkerMetrics } from "./metrics.ts";
import type { Survey } from "./survey-figures.ts";

/** How often the leader looks, in milliseconds: two statements to MySQL, one round trip to Redis and one to each queue. */
const SURVEY_EVERY_MS = 5_000;

/** The seats taken of each lecture, as MySQL told them in the survey before. */
export type Taken = Map<LectureId, number>;

/** Surveys as long as this worker leads and until it stops. What fails is counted, and done again the next time. */
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
 * Looks at the claims in Redis, then at the seats in MySQL. A decision is in MySQL first and in Redis a moment later, so the two differ all
 * through a rush, and rightly. But where MySQL says what it said in the survey before, everything it decided has had the time since to come
 * to Redis, and nothing has followed: there a difference is one.
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
