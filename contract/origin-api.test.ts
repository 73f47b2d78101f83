import { expect, test } from "bun:test";
import fc from "fast-check";
import { CommandAnswer, readCommandAnswer } from "./origin-api.ts";

const pending = { id: `7-${"0f".repeat(16)}`, lectureId: "7", status: "pending" };
const usual = { queued: true, reservation: pending };

/** An answer with one value changed, or with one value too many. */
const spoilt = fc
  .tuple(
    fc.constantFrom(
      "queued",
      "closed",
      "reservation",
      "id",
      "lectureId",
      "status",
      "reason",
      "decidedAt",
      "more",
    ),
    fc.oneof(
      fc.anything(),
      fc.constantFrom(
        true,
        false,
        undefined,
        null,
        "confirmed",
        "pending",
        "sold_out",
        "8",
        "07",
        "2026-01-01T00:00:00Z",
      ),
    ),
  )
  .map(([field, value]) =>
    field in pending || field === "reason" || field === "decidedAt"
      ? { ...usual, reservation: { ...pending, [field]: value } }
      : { ...usual, [field]: value },
  );

test("an answer to a command is read as its schema reads it, whatever it is", () => {
  fc.assert(
    fc.property(fc.oneof(fc.constant(usual), spoilt, fc.anything()), (json) => {
      const { success, data } = CommandAnswer.safeParse(json);
      if (success) expect(readCommandAnswer(json)).toEqual(data);
      else expect(() => readCommandAnswer(json)).toThrow();
    }),
    { numRuns: 1_000 },
  );
});
