import type { RowDataPacket } from "mysql2/promise";
import { type VersionRow, versionsOf } from "../catalogue/project.ts";
import type { LectureId } from "../contract/ids.ts";
import { BreakerOpen } from "../runtime/breaker/breaker.ts";
import { deadlineIn } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { projectLecture } from "./project.ts";
import { select } from "./select.ts";

export type ProjectionDeps = Pick<
  OriginDeps,
  "database" | "catalogue" | "lectureWrites" | "log" | "stopping" | "metrics"
>;

/** How often each of the two looks is taken, in milliseconds. */
const LATELY_EVERY_MS = 1_000;
const ALL_EVERY_MS = 300_000;

/** The longest look, in milliseconds. */
const LOOK_WITHIN_MS = 20_000;

/** Lectures in one statement. */
const PAGE_ROWS = 500;

/** By the key on `amended_at`; a clock may be some seconds off. */
const SELECT_LATELY = `
  SELECT lecture_id AS id, version FROM stock
   WHERE amended_at > UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE AND lecture_id > ?
   ORDER BY lecture_id LIMIT ${PAGE_ROWS}`;

const SELECT_ALL = `
  SELECT lecture_id AS id, version FROM stock WHERE lecture_id > ?
   ORDER BY lecture_id LIMIT ${PAGE_ROWS}`;

interface AmendedRow extends RowDataPacket {
  id: string | number;
  version: number;
}

export interface Projection {
  /** Looks at the lectures that were amended lately. Never rejects. */
  lookLately(): Promise<void>;
  /** Looks at every lecture. Never rejects. */
  lookAtAll(): Promise<void>;
  /** Looks again and again, until the origin stops. Resolves when nothing is under way. */
  run(): Promise<void>;
}

/**
 * Brings the catalogue's copies to what was amended, wherever no request has waited for it: the
 * worker was away, or an origin died. Every origin does so; two that do it at once do it once.
 *
 * A look that finds copies with a version that is new to it begins a generation: the origin that
 * wrote them may have died before it did (catalogue/cache/generation.ts).
 */
export function openProjection(deps: ProjectionDeps): Projection {
  /** the version of each copy, as it was seen or made: such a copy is not read again */
  const known = new Map<LectureId, number>();

  async function look(sql: string): Promise<void> {
    const deadline = deadlineIn(LOOK_WITHIN_MS);
    for (let after = "0"; !deps.stopping.aborted; ) {
      const rows = await select<AmendedRow>(deps.database, { sql, values: [after] }, deadline);
      const { ids, isNews } = await behind(rows);
      if (isNews) await deps.lectureWrites.beginGeneration();
      for (const id of ids) await project(id);
      if (rows.length < PAGE_ROWS) return;
      after = String(rows.at(-1)?.id);
    }
  }

  /** The lectures whose copies are behind, and whether a copy has a version that is new here. */
  async function behind(rows: AmendedRow[]): Promise<{ ids: LectureId[]; isNews: boolean }> {
    const unknown = rows.filter(({ id, version }) => (known.get(String(id)) ?? -1) < version);
    if (unknown.length === 0) return { ids: [], isNews: false };
    const asked = unknown.map(({ id }) => String(id));
    const deadline = deadlineIn(LOOK_WITHIN_MS);
    const copies = await select<VersionRow>(deps.catalogue, versionsOf(asked), deadline);
    const isNews = copies.some(({ id, version }) => version > (known.get(String(id)) ?? 0));
    for (const { id, version } of copies) known.set(String(id), version);
    const ids = unknown.flatMap(({ id, version }) =>
      (known.get(String(id)) ?? version) < version ? [String(id)] : [],
    );
    return { ids, isNews };
  }

  /** One lecture that cannot be projected must not keep the others from it. */
  async function project(id: LectureId): Promise<void> {
    if (deps.stopping.aborted) return;
    try {
      if (!(await projectLecture(deps, id, deadlineIn(LOOK_WITHIN_MS)))) return;
      if (deps.metrics) deps.metrics.lateProjections.projected.value += 1;
      deps.log.info({ event: "lecture_projected", lectureId: id }, "a late copy is up to date");
    } catch (err) {
      if (err instanceof BreakerOpen) throw err;
      tell(err, id);
    }
  }

  function tell(err: unknown, lectureId?: LectureId): void {
    // The outage was logged once, when the server's breaker opened.
    if (err instanceof BreakerOpen) return;
    if (deps.metrics) deps.metrics.lateProjections.failed.value += 1;
    deps.log.warn(
      { event: "projection_failed", lectureId, err },
      "the catalogue does not follow an amendment yet",
    );
  }

  const lookLately = () => look(SELECT_LATELY).catch((error) => tell(error));
  const lookAtAll = async () => {
    known.clear();
    await look(SELECT_ALL).catch((error) => tell(error));
  };

  async function run(): Promise<void> {
    let allAtMs = Number.NEGATIVE_INFINITY;
    while (!deps.stopping.aborted) {
      if (performance.now() - allAtMs >= ALL_EVERY_MS) {
        allAtMs = performance.now();
        await lookAtAll();
      } else await lookLately();
      await pause(LATELY_EVERY_MS, deps.stopping);
    }
  }

  return { lookLately, lookAtAll, run };
}

/** Waits until the time is over or the origin stops. */
function pause(ms: number, stopping: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => {
    clearTimeout(timer);
    stopping.removeEventListener("abort", end);
    resolve();
  };
  const timer = setTimeout(end, ms);
  stopping.addEventListener("abort", end);
  if (stopping.aborted) end();
  return promise;
}
