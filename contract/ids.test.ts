import { expect, test } from "bun:test";
import { amendmentRidOf, IdempotencyKey, LectureId, lectureOf, Rid, ridOf, UserId } from "./ids.ts";

test("the same user, lecture and key give the same rid, and any other gives another", async () => {
  const rid = ridOf("12", "u1", "key");
  expect(ridOf("12", "u1", "key")).toBe(rid);
  const others = [ridOf("13", "u1", "key"), ridOf("12", "u2", "key"), ridOf("12", "u1", "key2")];
  expect(new Set([rid, ...others]).size).toBe(4);
});

test("a key names another rid for an amendment than for a booking, and always the same one", () => {
  const rid = amendmentRidOf("12", "u1", "key");
  expect(amendmentRidOf("12", "u1", "key")).toBe(rid);
  expect(Rid.safeParse(rid).success).toBe(true);
  const others = [
    ridOf("12", "u1", "key"),
    amendmentRidOf("13", "u1", "key"),
    amendmentRidOf("12", "u2", "key"),
    amendmentRidOf("12", "u1", "key2"),
  ];
  expect(new Set([rid, ...others]).size).toBe(5);
  const longest = amendmentRidOf("9".repeat(15), "u".repeat(64), "k".repeat(255));
  expect(Rid.safeParse(longest).success).toBe(true);
});

test("a rid is well-formed and tells its lecture", async () => {
  const rid = ridOf("999999999999999", "u1", "key");
  expect(Rid.safeParse(rid).success).toBe(true);
  expect(lectureOf(rid)).toBe("999999999999999");
});

test("a key cannot be shifted into the user's name", async () => {
  expect(ridOf("12", "u1", "23")).not.toBe(ridOf("12", "u12", "3"));
});

test.each(["1abc", "__proto__", "../x", "1\0", "0", "01", "-1", "1.5", "", "1".repeat(16), "١"])(
  "%p is not a lecture id",
  (text) => expect(LectureId.safeParse(text).success).toBe(false),
);

test.each([
  "1-abc",
  `0-${"a".repeat(32)}`,
  `1-${"A".repeat(32)}`,
  `1-${"a".repeat(33)}`,
  `1-${"a".repeat(32)}\n`,
])("%p is not a rid", (text) => expect(Rid.safeParse(text).success).toBe(false));

test.each(["", "-a", "a/b", "a b", "名", "a".repeat(65), "../x"])("%p is not a user id", (text) =>
  expect(UserId.safeParse(text).success).toBe(false),
);

test.each(["", "a b", "ключ", "a".repeat(256), "a\n"])("%p is not an idempotency key", (text) =>
  expect(IdempotencyKey.safeParse(text).success).toBe(false),
);

test.each(["k", '"k"', '"my first click"', '"a \\"b\\" \\\\"', '""', '"', "a,b", "k".repeat(255)])(
  "%p is an idempotency key",
  (text) => expect(IdempotencyKey.safeParse(text).success).toBe(true),
);

test("the longest key has a rid, and a key in quotes has another than the bare one", () => {
  const rids = [`"${" ".repeat(253)}"`, "k".repeat(255), "k", '"k"'].map((key) =>
    ridOf("9".repeat(15), "u".repeat(64), key),
  );
  expect(new Set(rids).size).toBe(4);
});
