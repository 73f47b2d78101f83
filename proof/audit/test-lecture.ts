import { expect, test } from "bun:test";
import type { LoadedClaim } from "../../admission/load.ts";
import { type LectureId, type Rid, ridOf, type UserId } from "../../contract/ids.ts";
import { redisKeys } from "../../contract/names.ts";
import type { DecisionStatus } from "../../contract/reservation.ts";
import { listPending } from "../../pending/read.ts";
import { removePendingNodes } from "../../pending/remove.ts";
import { insertLecture } from "../../stack/insert-lecture.ts";
import { listedClaims, loadLecture } from "../../test/load-lecture.ts";
import { addressOf, randomLectureId } from "../../test/servers.ts";
import { type AuditOptions, auditLectures } from "./check.ts";
import { readConfig } from "./config.ts";
import type { AuditReport } from "./report.ts";
import { openSources } from "./sources.ts";

/**
 * A lecture on which all servers agree: some seats confirmed, one reservation rejected, one
 * cancelled.
 */
export interface TestLecture {
  id: LectureId;
  opensAtMs: number;
  closesAtMs: number;
  confirmed: LoadedClaim[];
}

export interface TestRow {
  userId: UserId;
  status: DecisionStatus;
  claimedAtMs: number;
  rid?: Rid;
  reason?: string;
}

const WINDOW_MS = 3_600_000;
const INSERT_ROW = `
  INSERT INTO reservation (lecture_id, rid, user_id, status, reason, claimed_at, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?)`;

/**
 * The test servers, opened as the audit opens them, with lectures to audit that `close` removes
 * again.
 */
export async function openTestAudits() {
  addressOf("ZOOKEEPER_URL");
  const sources = await openSources(readConfig(process.env));
  const { database, catalogue, redis, zooKeeper } = sources;
  const planted = new Set<LectureId>();

  async function execute(sql: string, values: (string | number | Date | null)[]): Promise<void> {
    await database.withConnection((connection) => connection.execute(sql, values));
  }

  async function inCatalogue(sql: string, values: (string | number)[]): Promise<void> {
    await catalogue.withConnection((connection) => connection.execute(sql, values));
  }

  /** Writes one row, and nothing elsewhere. Returns its rid. */
  async function plantRow(id: LectureId, row: TestRow): Promise<Rid> {
    planted.add(id);
    const { userId, status, reason = null, rid = ridOf(id, userId, "key") } = row;
    const [claimedAt, decidedAt] = [new Date(row.claimedAtMs), new Date()];
    await execute(INSERT_ROW, [id, rid, userId, status, reason, claimedAt, decidedAt]);
    return rid;
  }

  /**
   * Writes a lecture to MySQL and loads it into Redis, in the state after a rush and its worker.
   */
  async function plant({ seats = 5, taken = 3 } = {}): Promise<TestLecture> {
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
    const rows: TestRow[] = [
      ...Array.from({ length: taken }, (_, at) => ({
        userId: `u${at}`,
        status: "confirmed" as const,
        claimedAtMs: opensAtMs + at,
      })),
      { userId: "late", status: "rejected", reason: "sold_out", claimedAtMs: opensAtMs },
      { userId: "away", status: "cancelled", claimedAtMs: opensAtMs },
    ];
    const claims: LoadedClaim[] = [];
    for (const row of rows) {
      const { userId, status: state, claimedAtMs } = row;
      claims.push({ userId, state, claimedAtMs, rid: await plantRow(id, row) });
    }
    await execute("UPDATE stock SET remaining = ? WHERE lecture_id = ?", [seats - taken, id]);
    const loaded = { lectureId: id, opensAtMs, closesAtMs, capacity: seats, cancelled: false };
    await loadLecture(redis, loaded, listedClaims(claims));
    const confirmed = claims.filter(({ state }) => state === "confirmed");
    return { id, opensAtMs, closesAtMs, confirmed };
  }

  /** Audits one lecture as it is now, without waiting for rest. */
  function audit({ id }: TestLecture, options: AuditOptions = {}): Promise<AuditReport> {
    return auditLectures(sources, { lectureIds: [id], waitMs: 0, ...options });
  }

  /** Removes all traces of a lecture, so that no other audit meets them. */
  async function remove(id: LectureId): Promise<void> {
    for (const table of ["reservation", "stock"])
      await execute(`DELETE FROM ${table} WHERE lecture_id = ?`, [id]);
    await inCatalogue("DELETE FROM lecture WHERE id = ?", [id]);
    const { lecture, claims, held, released } = redisKeys;
    await redis.del(lecture(id), claims(id), held(id), released(id));
    const nodes = await listPending(zooKeeper, id);
    const commands = nodes.flatMap((node) => ("command" in node ? [node.command] : []));
    await removePendingNodes(zooKeeper, commands);
    for (const node of nodes) if (!("command" in node)) await zooKeeper.remove(node.path);
  }

  return {
    sources,
    execute,
    inCatalogue,
    plantRow,
    plant,
    audit,
    remove,

    /**
     * Tests that a lecture on which all servers agree has exactly these faults after a change, in
     * this order.
     *
     * @param change returns the faults to be found
     */
    testFaults(name: string, change: (lecture: TestLecture) => Promise<string[]>): void {
      test(name, async () => {
        const lecture = await plant();
        const expected = await change(lecture);
        expect(faults(await audit(lecture))).toEqual(expected);
      });
    },

    /** Writes a claim into Redis as its text: `k:<claimedAtMs>:<rid>`, `h:…`. */
    async plantClaim({ id }: TestLecture, userId: UserId, claim: string): Promise<void> {
      await redis.hset(redisKeys.claims(id), { [userId]: claim });
    },

    /** Puts a user on the sweeper's list. */
    async list({ id }: TestLecture, userId: UserId, claimedAtMs = Date.now()): Promise<void> {
      await redis.zadd(redisKeys.held(id), { score: claimedAtMs, member: userId });
    },

    async close(): Promise<void> {
      for (const id of planted) await remove(id);
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
export function firstOf({ confirmed: [first] }: TestLecture): LoadedClaim {
  if (!first) throw new Error("the planted lecture has no confirmed row");
  return first;
}
