import { closeLecture } from "../admission/close.ts";
import {
  beginLoad,
  findReady,
  goOnLoading,
  type Load,
  type LoadedLecture,
} from "../admission/load.ts";
import { isOpen, markOf, openAfter } from "../admission/opening.ts";
import { isRefusedByRedis } from "../admission/refused.ts";
import type { LectureId } from "../contract/ids.ts";
import { inParallel } from "../pending/in-parallel.ts";
import { createLeftOutLog, type TellLeftOut } from "../runtime/telemetry/left-out.ts";
import { readBookingTerms } from "./booking-terms.ts";
import { claimsOf, nodesOf } from "./claim-source.ts";
import type { LoaderDeps } from "./deps.ts";
import { errorName } from "./error-name.ts";

/** How often the worker looks for lectures that Redis does not know, in milliseconds. */
const LOOK_EVERY_MS = 500;

/**
 * Length of a pass after its listing of nodes, in milliseconds. A new lecture waits at most this
 * long for large ones.
 */
const PASS_MS = 1_000;

/** Lectures that share one listing of the pending nodes. */
const LECTURES_PER_PASS = 200;

/** Lectures loaded at once; each asks MySQL on its own connection. */
const LECTURES_AT_A_TIME = 4;

/** Keeps Redis ready to admit, whatever befalls Redis, until the worker stops. */
export async function keepLoaded(deps: LoaderDeps): Promise<void> {
  const tellLeftOut = createLeftOutLog(deps.log);
  while (!deps.stopping.aborted) {
    await look(deps, tellLeftOut).catch((err) => {
      if (!deps.stopping.aborted)
        deps.log.warn(
          { event: "load_failed", err: errorName(err) },
          "the lectures are not loaded; the worker tries again",
        );
    });
    await deps.clock.sleep(LOOK_EVERY_MS, deps.stopping);
  }
}

/** Looks until nothing is left to load, by this loader or another. */
export async function loadMissing(deps: LoaderDeps): Promise<void> {
  const tellLeftOut = createLeftOutLog(deps.log);
  while ((await look(deps, tellLeftOut)) === "busy")
    await deps.clock.sleep(LOOK_EVERY_MS, deps.stopping);
}

/**
 * Loads every lecture that should admit and that Redis is not ready for, new or lost. Any worker
 * loads, but leaves a lecture alone while another loader has it. Where Redis is not the one that
 * admission was opened on, the leader loads all lectures again, then opens admission.
 *
 * @returns `busy` where another loader has a lecture, or admission could not be opened yet
 */
async function look(deps: LoaderDeps, tellLeftOut: TellLeftOut): Promise<"done" | "busy"> {
  if (await isOpen(deps.redis)) {
    return (await loadAll(deps, { reload: false, tellLeftOut })).busy ? "busy" : "done";
  }
  if (!deps.leads()) return "done";
  return (await loadAndOpen(deps, tellLeftOut)) ? "done" : "busy";
}

async function loadAndOpen(deps: LoaderDeps, tellLeftOut: TellLeftOut): Promise<boolean> {
  const startedAtMs = deps.clock.monotonicMs();
  let lectures = 0;
  const open = await openAfter(deps.redis, async () => {
    const loaded = await loadAll(deps, { reload: true, tellLeftOut });
    lectures = loaded.lectures;
    return !loaded.busy && deps.leads();
  });
  const tookMs = Math.round(deps.clock.monotonicMs() - startedAtMs);
  if (open)
    deps.log.warn({ event: "admission_opened", lectures, tookMs }, "Redis is loaded and admits");
  return open;
}

interface LoadOptions {
  /** also load ready lectures, unless they became ready since this Redis started */
  reload: boolean;
  tellLeftOut: TellLeftOut;
}

/**
 * Loads in passes until every lecture is ready, except those that another loader has or Redis
 * refuses. Each pass reads the terms again and begins with the new lectures. A pass may end
 * within a lecture; the next pass goes on there.
 *
 * @returns the number of lectures, and whether another loader has one
 */
async function loadAll(
  deps: LoaderDeps,
  { reload, tellLeftOut }: LoadOptions,
): Promise<{ lectures: number; busy: boolean }> {
  const progress = createProgress();
  while (true) {
    deps.stopping.throwIfAborted();
    const { lectures, senseless } = await readBookingTerms(deps.database);
    for (const { lectureId, why } of senseless) tellLeftOut(lectureId, why);
    const ids = lectures.map(({ lectureId }) => lectureId);
    const ready = await findReady(deps.redis, ids, reload ? await markOf(deps.redis) : undefined);
    const missing = progress.inTurn(lectures.filter(({ lectureId }) => !ready.has(lectureId)));
    if (missing.length === 0) return { lectures: lectures.length, busy: false };
    if (reload && !deps.leads()) return { lectures: lectures.length, busy: true };
    await loadSome(deps, missing.slice(0, LECTURES_PER_PASS), { reload, progress });
    if (missing.every(({ lectureId }) => progress.busy.has(lectureId)))
      return { lectures: lectures.length, busy: true };
  }
}

/** The results of the passes so far. */
interface Progress {
  /** when this loader first came to a lecture, by its monotonic clock */
  begunAtMs: Map<LectureId, number>;
  /** lectures that another loader had at the last try */
  busy: Set<LectureId>;
  /** lectures that Redis refuses */
  refused: Set<LectureId>;
  /** the next pass in order: lectures without a turn yet first, those of another loader last */
  inTurn(lectures: LoadedLecture[]): LoadedLecture[];
}

function createProgress(): Progress {
  const begunAtMs: Progress["begunAtMs"] = new Map();
  const [busy, refused] = [new Set<LectureId>(), new Set<LectureId>()];
  const rank = (id: LectureId) => (busy.has(id) ? 2 : begunAtMs.has(id) ? 1 : 0);
  return {
    begunAtMs,
    busy,
    refused,
    inTurn: (lectures) =>
      lectures
        .filter(({ lectureId }) => !refused.has(lectureId))
        .sort((a, b) => rank(a.lectureId) - rank(b.lectureId)),
  };
}

interface PassOptions {
  reload: boolean;
  progress: Progress;
}

/** One pass. Pending nodes are listed once, after admission to all its lectures is closed. */
async function loadSome(
  deps: LoaderDeps,
  lectures: LoadedLecture[],
  { reload, progress }: PassOptions,
): Promise<void> {
  const { redis, clock, loadSizes } = deps;
  const sizes = loadSizes && { sizes: loadSizes };
  const loader = { name: deps.loader, mark: await markOf(redis), ...sizes };
  const begun = await inParallel(lectures, LECTURES_AT_A_TIME, (lecture) =>
    unlessRefused(deps, progress, lecture.lectureId, async () => {
      const load = await beginLoad(redis, lecture, loader, reload);
      if (load === "busy") progress.busy.add(lecture.lectureId);
      else progress.busy.delete(lecture.lectureId);
      return typeof load === "string" ? undefined : load;
    }),
  );
  const loads = begun.filter((load) => load !== undefined);
  let endsAtMs = clock.monotonicMs() + PASS_MS;
  // A slow listing must not use up the pass: too few lectures would be loaded in it.
  const nodes = nodesOf(deps, new Set(loads.map(({ lectureId }) => lectureId)), () => {
    endsAtMs = clock.monotonicMs() + PASS_MS;
  });
  const mayGoOn = () => clock.monotonicMs() < endsAtMs && !deps.stopping.aborted;
  await inParallel(loads, LECTURES_AT_A_TIME, async (load) => {
    if (!mayGoOn()) return;
    const source = claimsOf(deps, load.lectureId, nodes);
    await unlessRefused(deps, progress, load.lectureId, () =>
      goOn(deps, load, { source, progress, mayGoOn }),
    );
  });
}

interface GoOnOptions {
  source: ReturnType<typeof claimsOf>;
  progress: Progress;
  mayGoOn: () => boolean;
}

async function goOn(
  { redis, clock, log }: LoaderDeps,
  load: Load,
  { source, progress, mayGoOn }: GoOnOptions,
): Promise<void> {
  const { lectureId } = load;
  const begunAtMs = progress.begunAtMs.get(lectureId) ?? clock.monotonicMs();
  progress.begunAtMs.set(lectureId, begunAtMs);
  if ((await goOnLoading(redis, load, source, mayGoOn)) !== "ready") return;
  const tookMs = Math.round(clock.monotonicMs() - begunAtMs);
  log.info({ event: "lecture_loaded", lectureId, tookMs }, "the lecture is loaded");
}

/** A lecture whose keys in Redis are of a wrong kind stays closed alone; the others are loaded. */
async function unlessRefused<Done>(
  { redis, log }: LoaderDeps,
  { refused }: Progress,
  lectureId: LectureId,
  work: () => Promise<Done>,
): Promise<Done | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isRefusedByRedis(error)) throw error;
    refused.add(lectureId);
    log.error(
      { event: "load_refused", lectureId },
      "Redis refused to load the lecture; check the types of its keys",
    );
    await closeLecture(redis, lectureId);
    return undefined;
  }
}
