import { expect, test } from "bun:test";
import { normalUserId, StudentNumber, userIdOfStudent } from "./student-number.ts";

const idOf = (typed: string, letters: "upper" | "lower" | "keep" = "upper") =>
  userIdOfStudent(StudentNumber.parse(typed), letters);

test("every spelling of a student number is one user", () => {
  const spellings = ["ab12cd", "AB12CD", "Ab12cD", "ＡＢ１２ＣＤ", "ａｂ12ｃｄ"];
  expect(new Set(spellings.map((typed) => idOf(typed)))).toEqual(new Set(["s-AB12CD"]));
  expect(new Set(spellings.map((typed) => idOf(typed, "lower")))).toEqual(new Set(["s-ab12cd"]));
});

test("where case tells people apart, only the width of letters is forgiven", () => {
  expect(idOf("ａb12", "keep")).toBe("s-ab12");
  expect(idOf("Ab12", "keep")).toBe("s-Ab12");
});

test.each([
  ["a letter whose capital is one of ours", "ı234"],
  ["a letter whose capital is two of ours", "aß12"],
  ["a letter that looks like ours", "А1234"],
  ["a ligature that is too long when spelled out", "ﷺ"],
  ["spaces", " 1234"],
  ["three digits", "１２３"],
  ["too many", "1".repeat(21)],
])("%s is no student number", (_, typed) => {
  expect(StudentNumber.safeParse(typed).success).toBe(false);
});

test("another issuer's session is for the same user; a session of no student stays as is", () => {
  expect(normalUserId("s-ab12", "upper")).toBe("s-AB12");
  expect(normalUserId("l-ab12-7", "upper")).toBe("l-ab12-7");
  expect(normalUserId("staff_Ann", "lower")).toBe("staff_Ann");
});
