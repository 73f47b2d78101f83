import { expect, test } from "bun:test";
import fc from "fast-check";
import { Command, readCommand, writeCommand } from "./command.ts";
import { LATEST_MS } from "./time.ts";

const lectureId = fc.integer({ min: 1, max: 999_999_999_999_999 }).map(String);
const digits = fc.string({
  unit: fc.constantFrom(..."0123456789abcdef"),
  minLength: 32,
  maxLength: 32,
});
const userId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/);
const atMs = fc.nat({ max: LATEST_MS });
const change = fc.record(
  {
    create: fc.constant(true as const),
    published: fc.boolean(),
    cancelled: fc.constant(true as const),
    opensAtMs: atMs,
    closesAtMs: atMs,
    startsAtMs: atMs,
    endsAtMs: atMs,
    cancelUntilMs: fc.option(atMs),
    capacity: fc.nat(),
    audience: fc.uniqueArray(fc.constantFrom("cs-2024", "物理学院", "staff"), { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const amendOf = fc.record({
  ifVersion: fc.option(fc.integer({ min: 1 })),
  strict: fc.boolean(),
  words: fc.boolean(),
  change,
});
const kinds = fc.constantFrom("reserve", "refused", "cancel", "amend");
const commands = fc
  .tuple(lectureId, digits, userId, atMs, kinds, amendOf)
  .map(([lectureId, hex, userId, atMs, kind, amend]): Command => {
    const subject = { rid: `${lectureId}-${hex}`, lectureId, userId };
    if (kind === "reserve") return { kind, ...subject, claimedAtMs: atMs };
    if (kind === "refused")
      return { kind: "reserve", ...subject, claimedAtMs: atMs, refused: "overlaps" };
    if (kind === "cancel") return { kind, ...subject, requestedAtMs: atMs };
    return { kind: "amend", ...subject, requestedAtMs: atMs, ...amend };
  });

/** A command with one field too many, or with one field changed or missing. */
const spoilt = fc
  .tuple(
    commands,
    fc.constantFrom(
      "kind",
      "rid",
      "lectureId",
      "userId",
      "claimedAtMs",
      "requestedAtMs",
      "ifVersion",
      "strict",
      "change",
      "refused",
      "more",
    ),
    fc.oneof(
      fc.anything(),
      fc.constantFrom(
        "reserve",
        "cancel",
        "amend",
        "overlaps",
        { capacity: -1 },
        { audience: ["a,b"] },
        -1,
        1.5,
        2 ** 53,
        LATEST_MS,
        LATEST_MS + 1,
        999_999_999_999_999,
        "1",
        "",
        null,
      ),
      lectureId,
    ),
  )
  .map(([command, field, value]) => ({ ...command, [field]: value }));

test("a written command is JSON, and is read back unchanged", () => {
  fc.assert(
    fc.property(commands, (command) => {
      expect(JSON.parse(writeCommand(command))).toEqual(command);
      expect(readCommand(writeCommand(command))).toEqual({ command });
    }),
  );
});

test("an id that has no business in a command is written as JSON all the same", () => {
  fc.assert(
    fc.property(commands, fc.string(), (command, userId) => {
      expect(JSON.parse(writeCommand({ ...command, userId }))).toEqual({ ...command, userId });
    }),
  );
});

test("reading and the schema accept and refuse the same commands", () => {
  fc.assert(
    fc.property(fc.oneof(spoilt, commands, fc.anything()), (value) => {
      const text = JSON.stringify(value) ?? "null";
      const { data, error } = Command.safeParse(JSON.parse(text));
      const read = readCommand(text);
      if (data) expect(read).toEqual({ command: data });
      else expect(read).toEqual({ unreadable: error?.issues[0]?.message ?? "not a command" });
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  { capacity: 1.5 },
  { capacity: 4_294_967_296 },
  { opensAtMs: LATEST_MS + 1 },
  { cancelled: false },
  { audience: ["cs", "cs"] },
  { audience: ["a,b"] },
  { audience: ['a"b'] },
  { title: "Light" },
])("the change %p makes an amendment unreadable", (change) => {
  const rid = `7-${"0".repeat(32)}`;
  const amend = { ifVersion: null, strict: false, words: false, change };
  const command = { kind: "amend", rid, lectureId: "7", userId: "u1", requestedAtMs: 1, ...amend };
  expect(readCommand(JSON.stringify(command))).toEqual({ unreadable: expect.any(String) });
});

test("a text that is no JSON is unreadable as `not JSON`", () => {
  expect(readCommand("{")).toEqual({ unreadable: "not JSON" });
});

test("a time beyond the year 9999, the last of MySQL, makes a command unreadable", () => {
  for (const kind of ["reserve", "cancel"] as const) {
    const times = (atMs: number) =>
      kind === "reserve" ? { claimedAtMs: atMs } : { requestedAtMs: atMs };
    const text = (atMs: number) =>
      JSON.stringify({
        kind,
        rid: `7-${"0".repeat(32)}`,
        lectureId: "7",
        userId: "u1",
        ...times(atMs),
      });
    expect(readCommand(text(LATEST_MS))).toMatchObject({ command: times(LATEST_MS) });
    expect(readCommand(text(LATEST_MS + 1))).toEqual({ unreadable: expect.any(String) });
    expect(readCommand(text(999_999_999_999_999))).toEqual({ unreadable: expect.any(String) });
  }
  expect(new Date(LATEST_MS).toISOString()).toBe("9999-12-31T23:59:59.999Z");
});
