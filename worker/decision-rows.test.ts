import { expect, test } from "bun:test";
import { format } from "mysql2/promise";
import { DECISION_COLUMNS, DecisionRows } from "./decision-rows.ts";
import type { Decision } from "./rules.ts";

const INSERT = `INSERT INTO reservation (${DECISION_COLUMNS}) VALUES ?`;

const confirmed: Decision = {
  lectureId: "7",
  rid: `7-${"0".repeat(32)}`,
  userId: "u_1-a",
  status: "confirmed",
  claimedAtMs: Date.UTC(2026, 10, 23, 9, 59, 59, 999),
  decidedAtMs: Date.UTC(2026, 10, 23, 10, 0, 0, 7),
};

/** The client's text for these values, except that MySQL's numbers are not quoted. */
function byTheClient(decisions: Decision[]): string {
  const rows = decisions.map(
    ({ lectureId, rid, userId, status, reason, claimedAtMs, decidedAtMs }) => [
      lectureId,
      rid,
      userId,
      status,
      reason ?? null,
      new Date(claimedAtMs),
      new Date(decidedAtMs),
    ],
  );
  return format(INSERT, [rows], false, "Z")
    .replaceAll(/\('(\d+)'/g, "($1")
    .replaceAll(/'(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d{3})'/g, "$1$2$3$4$5$6$7");
}

test("decisions are written as the client would write them", () => {
  const rejected: Decision = { ...confirmed, userId: "u2", status: "rejected", reason: "sold_out" };
  const early: Decision = { ...confirmed, userId: "u3", claimedAtMs: Date.UTC(2026, 0, 1) };
  const decisions = [confirmed, rejected, early];
  expect(format(INSERT, [new DecisionRows(decisions)])).toBe(byTheClient(decisions));
});

test("text that would end its quotes cannot", () => {
  for (const userId of ["a'b", "a\\", "a\\'); DROP TABLE stock; --", "a\nb", 'a"b', "讲座", "\0"]) {
    const decisions = [{ ...confirmed, userId }];
    expect(format(INSERT, [new DecisionRows(decisions)])).toBe(byTheClient(decisions));
  }
});
