import { expect, test } from "bun:test";
import { complaintAbout, type HeldAnswer } from "./check-answer.ts";

const json = { "Content-Type": "application/json" };
const refusal = { "Content-Type": "application/problem+json", "Retry-After": "1" };
const file = {
  "Content-Type": "text/csv; charset=utf-8; header=present",
  "Content-Disposition": 'attachment; filename="lectures.csv"',
};
const RID = `7-${"0".repeat(32)}`;
const pending = JSON.stringify({ id: RID, lectureId: "7", status: "pending" });

function problem(code: string, status: number): string {
  return JSON.stringify({ type: "tag:x", title: "t", status, code, instance: "urn:uuid:1" });
}

function answer(
  [method, path]: [string, string],
  status: number,
  headers: Record<string, string>,
  body: string | undefined,
): HeldAnswer {
  return { method, url: `http://edge${path}`, status, headers: new Headers(headers), body };
}

const PRESS: [string, string] = ["POST", "/api/lectures/7/reservations"];
const POLL: [string, string] = ["GET", `/api/reservations/${RID}`];
const undecided = { ...json, Location: "/x", "Retry-After": "1" };

test.each([
  answer(PRESS, 202, undecided, pending),
  answer(POLL, 200, json, pending),
  answer(["HEAD", POLL[1]], 200, json, undefined),
  answer(["GET", "/api/%6Cectures"], 200, { ...json, ETag: '"1"' }, '{"lectures":[]}'),
  answer(["GET", "/api/admin/lectures/export"], 200, file, undefined),
  answer(["GET", "/nowhere"], 404, refusal, problem("route_not_found", 404)),
  answer(PRESS, 503, refusal, problem("unavailable", 503)),
])("$method $url $status is documented", (held) => {
  expect(complaintAbout(held)).toBeUndefined();
});

test.each<[HeldAnswer, string]>([
  [answer(PRESS, 202, json, pending), "the header Location is missing"],
  [answer(PRESS, 202, { ...undecided, "Retry-After": "0" }, pending), "Retry-After: it must be >="],
  [answer(PRESS, 203, json, pending), "no such status is documented"],
  [answer(POLL, 200, { "Content-Type": "text/html" }, pending), 'content type "text/html"'],
  [answer(POLL, 200, json, '{"id":"7"}'), "it must have required property 'lectureId'"],
  [answer(POLL, 200, json, pending.replace("{", '{"more":1,')), "additional properties (more)"],
  [answer(POLL, 503, refusal, problem("sold_out", 503)), "/code must be equal to one of"],
  [answer(["GET", "/nowhere"], 200, json, "{}"), "no operation is documented"],
  [answer(["GET", "/nowhere"], 404, refusal, problem("sold_out", 404)), "without an operation"],
])("an answer that the document does not allow is named with its first error", (held, error) => {
  expect(complaintAbout(held)).toContain(`${held.status}: `);
  expect(complaintAbout(held)).toContain(error);
});
