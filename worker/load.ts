import { setTimeout as sleep } from "node:timers/promises";
import { findReady, type LoadedClaim, type LoadedLecture, loadLecture } from "../admission/load.ts";
import type { LectureId } from "../contract/ids.ts";
import { listPending } from "../pending/read.ts";
import { decidedClaims, findAdmitting } from "./catalogue.ts";
import type { WorkerDeps } from "./deps.ts";

/** How often the worker looks for lectures that Redis does not know, in milliseconds. */
const LOOK_EVERY_MS = 500;

/** Loads lectures that Redis does not know, new ones and lost ones alike, until the worker stops. */
export async function keepLoaded(deps: WorkerDeps): Promise<void> {
  while (!deps.stopping.aborted) {
    await loadMissing(deps).catch((err) => {
      if (!deps.stopping.aborted)
        deps.log.warn({ event: "load_failed", err: publicPart(err) }, "loading lectures later");
    });
    await sleep(LOOK_EVERY_MS, undefined, { signal: deps.stopping }).catch(() => {});
  }
}

/** Loads every lecture that should be admitting and that Redis is not ready for. */
export async function loadMissing(deps: WorkerDeps): Promise<void> {
  const lectures = await findAdmitting(deps.database);
  const ready = await findReady(
    deps.redis,
    lectures.map(({ lectureId }) => lectureId),
  );
  for (const lecture of lectures) {
    if (!ready.has(lecture.lectureId)) await load(deps, lecture);
  }
}

async function load(deps: WorkerDeps, lecture: LoadedLecture): Promise<void> {
  const startedAtMs = performance.now();
  const loaded = await loadLecture(deps.redis, lecture, () => claimsOf(deps, lecture.lectureId));
  const tookMs = Math.round(performance.now() - startedAtMs);
  if (loaded)
    deps.log.info({ event: "lecture_loaded", lectureId: lecture.lectureId, tookMs }, "a lecture is loaded");
}

/**
 * A lecture's claims as decisions and pending nodes tell them. The nodes are listed first: a command decided in between is gone from them
 * only after its decision can be read, so it is seen at least once; and a decision, coming later, wins over the node.
 */
async function* claimsOf(deps: WorkerDeps, lectureId: LectureId): AsyncIterable<LoadedClaim[]> {
  const held = (await listPending(deps.zooKeeper, lectureId)).flatMap((node) =>
    "command" in node && node.command.kind === "reserve" ? [{ ...node.command, state: "held" as const }] : [],
  );
  yield* decidedClaims(deps.database, lectureId);
  if (held.length > 0) yield held;
}

/** The client's messages hold whole commands with user ids in them; the name says enough. */
function publicPart(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
