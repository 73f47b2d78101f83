import { afterAll, beforeAll, expect, test } from "bun:test";
import type { RowDataPacket } from "mysql2/promise";
import type { LectureId } from "../../contract/ids.ts";
import { auditLectures } from "../../proof/audit/check.ts";
import { openSources } from "../../proof/audit/sources.ts";
import { get } from "../../test/system.ts";
import { environmentOf } from "../environment.ts";
import { openLectureDatabases } from "../insert-lecture.ts";
import { type Plan, readPlan } from "../plan.ts";
import { newSecrets } from "../secrets.ts";
import { NEVER } from "../stack-for-test.ts";
import { findProofLecture, PROOF_TITLE } from "./lecture.ts";
import { proveBooking } from "./prove-booking.ts";
import { visitor } from "./visitor.ts";

let plan: Plan;
let databases: ReturnType<typeof openLectureDatabases>;
let lectureId: LectureId;
beforeAll(async () => {
  const found = readPlan(process.env["LECTERN_STACK_DIR"] ?? "");
  if (!found) throw new Error("LECTERN_STACK_DIR names no stack: run the tests with npm test");
  plan = found;
  databases = openLectureDatabases(environmentOf(plan), 1);
  await proveBooking(plan, NEVER);
  lectureId = await findProofLecture(databases);
});
afterAll(() => databases.close());

async function rows(): Promise<{ rid: string; status: string }[]> {
  const [found] = await databases.database.withConnection((connection) =>
    connection.query<RowDataPacket[]>("SELECT rid, status FROM reservation WHERE lecture_id = ?", [
      lectureId,
    ]),
  );
  return found.map(({ rid, status }) => ({ rid, status }));
}

async function grownOld(): Promise<void> {
  const sql =
    "UPDATE reservation SET decided_at = decided_at - INTERVAL 2 HOUR WHERE lecture_id = ?";
  await databases.database.withConnection((connection) => connection.query(sql, [lectureId]));
}

async function breaches(): Promise<number> {
  const sources = await openSources({ ...environmentOf(plan), PARTITIONS: plan.partitions });
  try {
    return (await auditLectures(sources, { lectureIds: [lectureId] })).breaches;
  } finally {
    await sources.close();
  }
}

test("a seat is booked and given back, on the one lecture that no list has", async () => {
  const before = await rows();
  expect(await proveBooking(plan, NEVER)).toBe("a seat was booked and given back");
  const after = await rows();
  expect(after.length).toBe(before.length + 1);
  expect(after.every(({ status }) => status === "cancelled")).toBe(true);
  expect(await findProofLecture(databases)).toBe(lectureId);
  expect(await (await get("/api/lectures")).text()).not.toContain(PROOF_TITLE);
  expect(await breaches()).toBe(0);
});

test("earlier starts' bookings are forgotten; a start cut short gives its seat back", async () => {
  const someone = await visitor(environmentOf(plan), "npm-start-cut-short", NEVER);
  const held = await someone.book(lectureId);
  await grownOld();
  await proveBooking(plan, NEVER);
  const after = await rows();
  expect(after).toHaveLength(2);
  expect(after).toContainEqual({ rid: held, status: "cancelled" });
  expect(await breaches()).toBe(0);
});

test("where nothing can be booked, the step and its answer are told", async () => {
  const strange = { ...plan, secrets: { ...plan.secrets, sessionKeys: newSecrets().sessionKeys } };
  await expect(proveBooking(strange, NEVER)).rejects.toThrow(
    "all parts are up, and nothing can be booked: booking a seat was answered 401 unauthenticated",
  );
});
