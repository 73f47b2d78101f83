import { expect, test } from "bun:test";
import { type ProblemCode, problems } from "../contract/problems.ts";
import { problemOf, type Refusal } from "./refusal.ts";

const rid = "7-0123456789abcdef0123456789abcdef";

/** Every refusal, with its problem's status and code. */
const refusals: Record<Refusal["outcome"], [Refusal, number, ProblemCode]> = {
  sold_out: [{ outcome: "sold_out" }, 409, "sold_out"],
  not_open: [{ outcome: "not_open", opensInMs: 2_000 }, 409, "not_open"],
  closed: [{ outcome: "closed" }, 409, "closed"],
  not_eligible: [{ outcome: "not_eligible" }, 403, "not_eligible"],
  cancelled: [{ outcome: "cancelled" }, 409, "lecture_cancelled"],
  already_reserved: [{ outcome: "already_reserved", rid, state: "held" }, 409, "already_reserved"],
  throttled: [{ outcome: "throttled", retryAfterMs: 3_000 }, 429, "throttled"],
  limited: [{ outcome: "limited", retryAfterMs: 400 }, 429, "rate_limited"],
  not_ready: [{ outcome: "not_ready" }, 503, "not_ready"],
  no_room: [{ outcome: "no_room" }, 503, "unavailable"],
};

test.each(Object.entries(refusals))("%s is one problem", (_, [refusal, status, code]) => {
  const [given] = problemOf(refusal);
  expect<unknown>([problems[given].status, given]).toEqual([status, code]);
});

test("a refusal that ends says when, and a reservation that stands in the way is named", () => {
  const extrasOf = (outcome: Refusal["outcome"]) => problemOf(refusals[outcome][0])[1];
  expect(extrasOf("not_open")).toEqual({ retryAfterMs: 2_000, members: { opensInMs: 2_000 } });
  expect(extrasOf("throttled")).toEqual({ retryAfterMs: 3_000 });
  expect(extrasOf("limited")).toEqual({ retryAfterMs: 400 });
  expect(extrasOf("no_room")).toEqual({ retryAfterMs: 5_000 });
  expect(extrasOf("already_reserved")).toEqual({
    headers: { Location: `/api/reservations/${rid}` },
    members: { reservationId: rid },
  });
});
