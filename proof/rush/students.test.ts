import { expect, test } from "bun:test";
import { IdempotencyKey } from "../../contract/ids.ts";
import { DemoSignIn } from "../../contract/origin-api.ts";
import { drawStudents } from "./students.ts";

test("the same seed draws the same crowd, another seed another one", () => {
  const crowd = drawStudents({ students: 200, seed: 7 });
  expect(drawStudents({ students: 200, seed: 7 })).toEqual(crowd);
  expect(drawStudents({ students: 200, seed: 8 })).not.toEqual(crowd);
});

test("about a tenth press early, twice and again, and everybody within the second of the opening", () => {
  const crowd = drawStudents({ students: 10_000, seed: 1 });
  for (const habit of ["earlyByMs", "second", "again"] as const)
    expect(crowd.filter((student) => student[habit] !== undefined).length).toBeWithin(850, 1_150);
  expect(
    crowd.every(({ afterMs, second, again }) => {
      const lastMs = afterMs + Math.max(second?.afterMs ?? 0, again?.afterMs ?? 0);
      return afterMs >= 0 && lastMs < 1_000;
    }),
  ).toBeTrue();
});

test("every student number can sign in, and no two keys are the same, for the largest seed as well", () => {
  const crowd = drawStudents({ students: 50_000, seed: 2 ** 32 - 1 });
  const keys = crowd.flatMap(({ key, second }) => (second ? [key, second.key] : [key]));
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.every((key) => IdempotencyKey.safeParse(key).success)).toBeTrue();
  expect(
    crowd.every(({ number }) => DemoSignIn.safeParse({ studentNumber: number }).success),
  ).toBeTrue();
});
