import { lectureOfCreation } from "../catalogue/draft.ts";
import { type HostRow, hostsOf } from "../catalogue/hosts.ts";
import { readWords, type WordsRow, wordsOf } from "../catalogue/words.ts";
import type { Actor } from "../contract/actor.ts";
import {
  amendmentRidOf,
  creationOf,
  type IdempotencyKey,
  type LectureId,
} from "../contract/ids.ts";
import type { ImportAnswer, ImportedRow, ImportFault } from "../contract/lecture-file.ts";
import { inParallel } from "../pending/in-parallel.ts";
import { findAmendment } from "./amendment-rows.ts";
import { compareWithLecture } from "./compare-lecture.ts";
import { type LectureFile, type LectureRow, readLectures } from "./csv/read-lectures.ts";
import { type Deadline, deadlineIn } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { makeLecture } from "./organise.ts";
import { Refusal } from "./refusal.ts";
import { UNTRACED } from "./request-trace.ts";
import { select } from "./select.ts";

export interface Import {
  bytes: Uint8Array;
  key: IdempotencyKey;
  /** checks every row and makes nothing */
  dryRun: boolean;
  /** Unix milliseconds, by the edge's clock */
  requestedAtMs: number;
  /** how long lectures may be begun, in milliseconds; the rest is `pending` */
  withinMs: number;
}

/** Lectures that are made at once: an import leaves most places at the gates to others. */
const AT_A_TIME = 8;

/** How long one lecture may take, in milliseconds. */
const LECTURE_WITHIN_MS = 5_000;

/**
 * Makes the lectures of a file: all of them, or none where a row is wrong. Each has a key of its
 * own made from the import's key and its row, so a repetition makes what is missing and nothing
 * twice. Throws Refusal; `key_reused` where the key stands for another file.
 */
export async function importLectures(
  deps: OriginDeps,
  actor: Actor,
  asked: Import,
  deadline: Deadline,
): Promise<ImportAnswer> {
  const endsAtMs = performance.now() + asked.withinMs;
  const file = readLectures(asked.bytes, deps.timeZone);
  if ("faults" in file) return file;
  const faults = [
    ...(await faultsOfHosts(deps, actor, file, deadline)),
    ...(await faultsOfKnown(deps, actor, file)),
  ];
  if (faults.length > 0) return { faults: faults.toSorted((a, b) => a.row - b.row) };
  await requireSameFile(deps, actor, asked, file.rows);
  const rows = await inParallel(file.rows, AT_A_TIME, async (row) => {
    const { title } = row.words;
    const known = { row: row.row, title };
    if (row.id !== undefined) return { ...known, id: row.id, status: "unchanged" as const };
    if (asked.dryRun) return { ...known, status: "valid" as const };
    const leftMs = endsAtMs - performance.now();
    return { ...known, ...(await makeRow(deps, actor, asked, row, leftMs)) };
  });
  return { rows };
}

/** The key of one lecture of an import. */
function keyOfRow(key: IdempotencyKey, row: number): IdempotencyKey {
  const hash = new Bun.CryptoHasher("sha256").update(key).digest("hex").slice(0, 32);
  return `import:${hash}:${row}`;
}

async function makeRow(
  deps: OriginDeps,
  actor: Actor,
  { key, requestedAtMs }: Import,
  { row, words, change }: LectureRow,
  leftMs: number,
): Promise<Pick<ImportedRow, "status" | "id">> {
  if (leftMs < LECTURE_WITHIN_MS / 5) return { status: "pending" };
  const waitMs = Math.floor(Math.min(leftMs, LECTURE_WITHIN_MS));
  const request = { key: keyOfRow(key, row), words, change, requestedAtMs, waitMs };
  const how = { deadline: deadlineIn(waitMs), trace: UNTRACED, onWait: () => {} };
  try {
    const { amendment } = await makeLecture(deps, actor, request, how);
    const id = amendment.lectureId;
    if (amendment.status === "applied") return { status: "made", id };
    return amendment.status === "refused" ? { status: "refused", id } : { status: "pending" };
  } catch (err) {
    // A repetition goes on with it, whatever a server did or did not do.
    if (err instanceof Refusal && err.code === "key_reused") throw err;
    deps.log.warn({ event: "import_unfinished", err }, "a lecture of an import is not made yet");
    return { status: "pending" };
  }
}

/** A fault for each row whose host does not exist, or is not the actor's. */
async function faultsOfHosts(
  { catalogue, gates }: OriginDeps,
  actor: Actor,
  { rows, columns }: LectureFile,
  deadline: Deadline,
): Promise<ImportFault[]> {
  const read = () => select<HostRow>(catalogue, hostsOf(actor), deadline);
  const hosts = new Set((await gates.reads.run(read, deadline)).map(({ id }) => id));
  return rows.flatMap(({ row, words }) =>
    hosts.has(words.host) ? [] : [{ row, field: columns.get("host") ?? "host", ...NO_HOST }],
  );
}

const NO_HOST = {
  en: "There is no such host, or you do not work for it.",
  zh: "没有该主办方，或您不是其组织者。",
};

/** A fault for each row that names a lecture which is not there, or not as the row says. */
async function faultsOfKnown(
  deps: OriginDeps,
  actor: Actor,
  { rows, columns }: LectureFile,
): Promise<ImportFault[]> {
  const faults = await inParallel(rows, AT_A_TIME, async (row) => {
    const { id } = row;
    if (id === undefined) return undefined;
    const fault = await compareWithLecture(deps, actor, id, row);
    if (fault === undefined) return undefined;
    const { column, en, zh } = fault;
    return { row: row.row, field: columns.get(column) ?? column, en, zh };
  });
  return faults.filter((fault) => fault !== undefined);
}

/**
 * Throws the refusal `key_reused` where a row under this key stands for another lecture: before
 * anything is made, and as far as the first try came.
 */
async function requireSameFile(
  deps: OriginDeps,
  actor: Actor,
  { key }: Import,
  rows: readonly LectureRow[],
): Promise<void> {
  await inParallel(rows, AT_A_TIME, async ({ row, id, words, change }) => {
    if (id !== undefined) return;
    const deadline = deadlineIn(LECTURE_WITHIN_MS);
    const isSame = await deps.gates.reads.run(async () => {
      const made = await findMade(deps, actor, keyOfRow(key, row), deadline);
      return (
        made === undefined ||
        (isEqual(made.words ?? words, words) && isEqual(made.change ?? change, change))
      );
    }, deadline);
    if (!isSame) throw new Refusal("key_reused");
  });
}

const isEqual = (one: object, other: object) => Bun.deepEquals(one, other);

/** What a key has asked to make, as far as it was kept. */
async function findMade(
  { catalogue, database }: OriginDeps,
  { userId }: Actor,
  key: IdempotencyKey,
  deadline: Deadline,
) {
  const creation = creationOf(userId, key);
  const [draft] = await select<HostRow>(catalogue, lectureOfCreation(creation), deadline);
  if (!draft) return undefined;
  const rid = amendmentRidOf(String(draft.id) as LectureId, userId, creation);
  const [kept] = await select<WordsRow>(catalogue, wordsOf([rid]), deadline);
  const amendment = await findAmendment(database, rid, deadline);
  return { words: kept && readWords(kept), change: amendment?.change };
}
