import { type LectureId, type Rid, ridOf, type UserId } from "../../contract/ids.ts";
import { redisKeys } from "../../contract/names.ts";
import { listPending } from "../../pending/read.ts";
import { removePendingNodes } from "../../pending/remove.ts";
import { insertLecture } from "../../stack/insert-lecture.ts";
import { listedClaims, loadLecture } from "../../test/load-lecture.ts";
import { addressOf, randomLectureId } from "../../test/servers.ts";
import { type AuditOptions, auditLectures } from "./check.ts";
import { readConfig } from "./config.ts";
import type { AuditReport } from "./report.ts";
import { type AuditSources, type OpenSources, openSources } from "./sources.ts";

/** The test servers, opened as the audit opens them. */
export async function openTestSources(): Promise<OpenSources> {
  addressOf("ZOOKEEPER_URL");
  return await openSources(readConfig(process.env));
}

/** The servers, with lectures to audit that `close` removes again. */
export async function openTestAudits() {
  const sources = await openTestSources();
  const planted: LectureId[] = [];
  return {
    sources,

    async plant(size?: { seats: number; taken: number }): Promise<TestLecture> {
      const lecture = await plantLecture(sources, size);
      planted.push(lecture.id);
      return lecture;
    },

    /** Audits one lecture as it is now, without waiting for rest. */
    audit({ id }: TestLecture, options: AuditOptions = {}): Promise<AuditReport> {
      return auditLectures(sources, { lectureIds: [id], waitMs: 0, ...options });
    },

    async close(): Promise<void> {
      for (const id of planted) await removeLecture(sources, id);
      await sources.close();
    },
  };
}

/** All breaches, each as `G1 rid what`; without a rid the user or a dash stands there. */
export function faults(report: AuditReport): string[] {
  return report.lectures.flatMap(({ verdicts }) =>
    verdicts.flatMap(({ guarantee, breaches }) =>
      breaches.map(({ rid, userId, what }) => `${guarantee} ${rid ?? userId ?? "-"} ${what}`),
    ),
  );
}

/** The broken guarantees. */
export function brokenOf(report: AuditReport): string[] {
  return [...new Set(faults(report).map((fault) => fault.slice(0, 2)))];
}

/** The first confirmed seat. */
export function firstOf({ confirmed: [first] }: TestLecture): TestLecture["confirmed"][number] {
  if (!first) throw new Error("the planted lecture has no confirmed row");
  return first;
}

/**
 * A lecture on which all servers agree: some seats confirmed, one reservation rejected, one
 * cancelled.
 */
export interface TestLecture {
  id: LectureId;
  opensAtMs: number;
  closesAtMs: number;
  seats: number;
  confirmed: { userId: UserId; rid: Rid; claimedAtMs: number }[];
}

const WINDOW_MS = 3_600_000;
const INSERT_ROW = `
  INSERT INTO reservation (lecture_id, rid, user_id, status, reason, claimed_at, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?)`;

/**
 * Writes the lecture to MySQL and loads it into Redis, in the state after a rush and its worker.
 */
export async function plantLecture(
  sources: AuditSources,
  { seats = 5, taken = 3 } = {},
): Promise<TestLecture> {
  const opensAtMs = Date.now() - WINDOW_MS;
  const closesAtMs = Date.now() + WINDOW_MS;
  const id = await insertLecture(sources, {
    id: randomLectureId(),
    title: "An audited lecture",
    speaker: "A speaker",
    venue: "A hall",
    startsAt: new Date(closesAtMs),
    endsAt: new Date(closesAtMs + WINDOW_MS),
    opensAt: new Date(opensAtMs),
    closesAt: new Date(closesAtMs),
    capacity: seats,
  });
  const confirmed = await Promise.all(
    Array.from({ length: taken }, async (_, at) => ({
      userId: `u${at}`,
      rid: ridOf(id, `u${at}`, "key"),
      claimedAtMs: opensAtMs + at,
    })),
  );
  const lecture = { id, opensAtMs, closesAtMs, seats, confirmed };
  for (const { userId, rid, claimedAtMs } of confirmed)
    await plantRow(sources, id, { userId, rid, claimedAtMs, status: "confirmed" });
  await plantRow(sources, id, {
    userId: "late",
    status: "rejected",
    reason: "sold_out",
    claimedAtMs: opensAtMs,
  });
  await plantRow(sources, id, { userId: "away", status: "cancelled", claimedAtMs: opensAtMs });
  await execute(sources, "UPDATE stock SET remaining = ? WHERE lecture_id = ?", [
    seats - taken,
    id,
  ]);
  await loadLecture(
    sources.redis,
    { lectureId: id, opensAtMs, closesAtMs, capacity: seats, cancelled: false },
    listedClaims([
      ...confirmed.map((claim) => ({ ...claim, state: "confirmed" as const })),
      ...[["late", "rejected"] as const, ["away", "cancelled"] as const].map(([userId, state]) => ({
        userId,
        rid: ridOf(id, userId, "key"),
        state,
        claimedAtMs: opensAtMs,
      })),
    ]),
  );
  return lecture;
}

export interface TestRow {
  userId: UserId;
  status: "confirmed" | "rejected" | "cancelled";
  claimedAtMs: number;
  rid?: Rid;
  reason?: string;
}

/** Writes one row, and nothing elsewhere. Returns its rid. */
export async function plantRow(sources: AuditSources, id: LectureId, row: TestRow): Promise<Rid> {
  const rid = row.rid ?? ridOf(id, row.userId, "key");
  const claimedAt = new Date(row.claimedAtMs);
  await execute(sources, INSERT_ROW, [
    id,
    rid,
    row.userId,
    row.status,
    row.reason ?? null,
    claimedAt,
    new Date(),
  ]);
  return rid;
}

export async function execute(
  { database }: AuditSources,
  sql: string,
  values: (string | number | Date | null)[],
): Promise<void> {
  await database.withConnection((connection) => connection.execute(sql, values));
}

export async function inCatalogue(
  { catalogue }: AuditSources,
  sql: string,
  values: (string | number | Date | null)[],
): Promise<void> {
  await catalogue.withConnection((connection) => connection.execute(sql, values));
}

/** Removes all traces of a lecture, so that no other audit meets them. */
export async function removeLecture(sources: AuditSources, id: LectureId): Promise<void> {
  const { redis, zooKeeper } = sources;
  for (const table of ["reservation", "stock"])
    await execute(sources, `DELETE FROM ${table} WHERE lecture_id = ?`, [id]);
  await inCatalogue(sources, "DELETE FROM lecture WHERE id = ?", [id]);
  const { lecture, claims, held, released } = redisKeys;
  await redis.del(lecture(id), claims(id), held(id), released(id));
  const nodes = await listPending(zooKeeper, id);
  await removePendingNodes(
    zooKeeper,
    nodes.flatMap((node) => ("command" in node ? [node.command] : [])),
  );
  for (const node of nodes) if (!("command" in node)) await zooKeeper.remove(node.path);
}
