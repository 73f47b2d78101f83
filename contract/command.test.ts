import { expect, test } from "bun:test";
import fc from "fast-check";
import { Command, LATEST_MS, readCommand, writeCommand } from "./command.ts";

const lectureId = fc.integer({ min: 1, max: 999_999_999_999_999 }).map(String);
const digits = fc.string({
  unit: fc.constantFrom(..."0123456789abcdef"),
  minLength: 32,
  maxLength: 32,
});
const userId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/);
const atMs = fc.nat({ max: LATEST_MS });
const commands = fc
  .tuple(lectureId, digits, userId, atMs, fc.boolean())
  .map(([lectureId, hex, userId, atMs, reserves]): Command => {
    const subject = { rid: `${lectureId}-${hex}`, lectureId, userId };
    return reserves
      ? { kind: "reserve", ...subject, claimedAtMs: atMs }
      : { kind: "cancel", ...subject, requestedAtMs: atMs };
  });

/** A command with one field too many, or with one field changed or missing. */
const spoilt = fc
  .tuple(
    commands,
    fc.constantFrom("kind", "rid", "lectureId", "userId", "claimedAtMs", "requestedAtMs", "more"),
    fc.oneof(
      fc.anything(),
      fc.constantFrom(
        "reserve",
        "cancel",
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
