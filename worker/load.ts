import { closeLecture } from "../admission/close.ts";
import { findReady, type LoadedClaim, type LoadedLecture, loadLecture } from "../admission/load.ts";
import { isOpen, openAfter } from "../admission/opening.ts";
import { isRefusedByRedis } from "../admission/refused.ts";
import type { LectureId } from "../contract/ids.ts";
import { lectureIdOf, listPending, type PendingNode } from "../pending/read.ts";
import { decidedClaims, findAdmitting } from "./catalogue.ts";
import type { LoaderDeps } from "./deps.ts";
import { errorName } from "./error-name.ts";

/** How often the worker looks for lectures that Redis does not know, in milliseconds. */
const LOOK_EVERY_MS = 500;

/** Keeps Redis ready to admit, whatever becomes of it, until the worker stops. */
export async function keepLoaded(deps: LoaderDeps): Promise<void> {
  while (!deps.stopping.aborted) {
    await loadMissing(deps).catch((err) => {
      if (!deps.stopping.aborted)
        deps.log.warn({ event: "load_failed", err: errorName(err) }, "loading lectures later");
    });
    await deps.clock.sleep(LOOK_EVERY_MS, deps.stopping);
  }
}

/**
 * Loads every lecture that should be admitting and that Redis is not ready for: new ones, and those it has lost. Where Redis itself
 * is another one than admission was opened on, all lectures are loaded anew before it is opened again; one worker does that.
 */
export async function loadMissing(deps: LoaderDeps): Promise<void> {
  const lectures = await findAdmitting(deps.database);
  if (!(await isOpen(deps.redis))) {
    if (deps.leads()) await openAnew(deps, lectures);
    return;
  }
  const ready = await findReady(
    deps.redis,
    lectures.map(({ lectureId }) => lectureId),
  );
  for (const lecture of lectures) {
    if (ready.has(lecture.lectureId)) continue;
    await load(deps, lecture, { anew: false, nodes: () => listPending(deps.zooKeeper, lecture.lectureId) });
  }
}

async function openAnew(deps: LoaderDeps, lectures: LoadedLecture[]): Promise<void> {
  const startedAtMs = deps.clock.monotonicMs();
  const open = await openAfter(deps.redis, async () => {
    const pending = Map.groupBy(await listPending(deps.zooKeeper), ({ path }) => lectureIdOf(path));
    for (const lecture of lectures) {
      const nodes = async () => pending.get(lecture.lectureId) ?? [];
      if (!(await load(deps, lecture, { anew: true, nodes }))) return false;
    }
    return true;
  });
  const tookMs = Math.round(deps.clock.monotonicMs() - startedAtMs);
  if (open)
    deps.log.warn({ event: "admission_opened", lectures: lectures.length, tookMs }, "Redis was loaded anew");
}

interface LoadOptions {
  anew: boolean;
  /** the lecture's pending nodes, asked for once nobody is admitted to it */
  nodes: () => Promise<PendingNode[]>;
}

/**
 * Loads one lecture. One whose keys in Redis are not what they should be stays closed by itself, and keeps no other from being loaded.
 *
 * @returns false when another load overtook this one
 */
async function load(
  deps: LoaderDeps,
  lecture: LoadedLecture,
  { anew, nodes }: LoadOptions,
): Promise<boolean> {
  const { lectureId } = lecture;
  const startedAtMs = deps.clock.monotonicMs();
  try {
    const loaded = await loadLecture(deps.redis, lecture, () => claimsOf(deps, lectureId, nodes), { anew });
    const tookMs = Math.round(deps.clock.monotonicMs() - startedAtMs);
    if (loaded) deps.log.info({ event: "lecture_loaded", lectureId, tookMs }, "a lecture is loaded");
    return loaded;
  } catch (error) {
    if (!isRefusedByRedis(error)) throw error;
    deps.log.error(
      { event: "load_refused", lectureId },
      "Redis refused to load a lecture, which stays closed",
    );
    await closeLecture(deps.redis, lectureId);
    return true;
  }
}

/**
 * A lecture's claims as decisions and pending nodes tell them. The nodes are listed first: a command decided in between is gone from them
 * only after its decision can be read, so it is seen at least once; and a decision, coming first into Redis, wins over the node.
 */
async function* claimsOf(
  { database }: LoaderDeps,
  lectureId: LectureId,
  nodes: LoadOptions["nodes"],
): AsyncIterable<LoadedClaim[]> {
  const held = (await nodes()).flatMap((node) =>
    "command" in node && node.command.kind === "reserve" ? [{ ...node.command, state: "held" as const }] : [],
  );
  yield* decidedClaims(database, lectureId);
  if (held.length > 0) yield held;
}
