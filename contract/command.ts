import * as z from "zod";
import { LectureId, lectureOf, RID_FORM, Rid, USER_ID_FORM, UserId } from "./ids.ts";
import { noCase } from "./no-case.ts";
import { Change } from "./terms.ts";
import { LATEST_MS, TimeMs } from "./time.ts";

const addressed = { rid: Rid, lectureId: LectureId, userId: UserId };

/**
 * Asks for the decision of a claim. `claimedAtMs`: Redis' clock, in Unix milliseconds.
 *
 * `refused`: the origin wants a rejection for this reason. A command that is made from the claim
 * lacks the mark, and may be confirmed.
 */
export const ReserveCommand = z.object({
  kind: z.literal("reserve"),
  ...addressed,
  claimedAtMs: TimeMs,
  refused: z.optional(z.literal("overlaps")),
});
export type ReserveCommand = z.infer<typeof ReserveCommand>;

/** Asks to give a confirmed seat back. `requestedAtMs`: the edge's clock, in Unix milliseconds. */
export const CancelCommand = z.object({
  kind: z.literal("cancel"),
  ...addressed,
  requestedAtMs: TimeMs,
});
export type CancelCommand = z.infer<typeof CancelCommand>;

/** A command about one seat. Many of them are decided in one batch. */
export type SeatCommand = ReserveCommand | CancelCommand;

/**
 * Asks to change a lecture. It is decided alone, by the lecture's single writer.
 *
 * `requestedAtMs`: the edge's clock, in Unix milliseconds. `ifVersion`: the version that the change
 * was made for; null: any. `strict`: refuse a cut below the seats that are given. `words`: the
 * words of the lecture change too; they wait in the catalogue under this rid.
 */
export const AmendCommand = z.object({
  kind: z.literal("amend"),
  ...addressed,
  requestedAtMs: TimeMs,
  ifVersion: z.nullable(z.int().check(z.gte(1))),
  strict: z.boolean(),
  words: z.boolean(),
  change: Change,
});
export type AmendCommand = z.infer<typeof AmendCommand>;

/**
 * The RabbitMQ message, and the data of its pending node. Each holds the whole command and can
 * restore the other.
 */
export const Command = z
  .discriminatedUnion("kind", [ReserveCommand, CancelCommand, AmendCommand])
  .refine((command) => lectureOf(command.rid) === command.lectureId, {
    error: "the rid names another lecture",
  });
export type Command = z.infer<typeof Command>;

/** Lists the kinds in the order given. The list does not compile where it lacks a kind. */
export function kindsOf(kinds: Record<Command["kind"], true>): readonly Command["kind"][] {
  return Object.keys(kinds) as Command["kind"][];
}

/** The kinds that concern a seat: those of the reservation that a rid names. */
export const SEAT_KINDS = kindsOf({ reserve: true, cancel: true, amend: true }).filter(isOfSeat);

/** Whether a command of this kind concerns a seat. */
export function isOfSeat(kind: Command["kind"]): kind is SeatCommand["kind"] {
  switch (kind) {
    case "reserve":
    case "cancel":
      return true;
    case "amend":
      return false;
    default:
      return noCase(kind);
  }
}

/** Text that JSON does not escape. */
const PLAIN = /^[\w-]*$/;

/** Writes a command as JSON. */
export function writeCommand(command: Command): string {
  return command.kind === "amend" ? JSON.stringify(command) : writeSeatCommand(command);
}

/**
 * Writes in a tenth of JSON.stringify's time: each command is written twice and read at least once.
 */
function writeSeatCommand(command: SeatCommand): string {
  const { kind, rid, lectureId, userId } = command;
  if (!PLAIN.test(rid) || !PLAIN.test(lectureId) || !PLAIN.test(userId))
    return JSON.stringify(command);
  const ids = `"rid":"${rid}","lectureId":"${lectureId}","userId":"${userId}"`;
  return `{"kind":"${kind}",${ids},${writtenRest(command)}}`;
}

function writtenRest(command: SeatCommand): string {
  switch (command.kind) {
    case "reserve":
      return command.refused === undefined
        ? `"claimedAtMs":${command.claimedAtMs}`
        : `"claimedAtMs":${command.claimedAtMs},"refused":"${command.refused}"`;
    case "cancel":
      return `"requestedAtMs":${command.requestedAtMs}`;
    default:
      return noCase(command);
  }
}

/** Reads a command from JSON; `unreadable` says why the text holds none. */
export function readCommand(text: string): { command: Command } | { unreadable: string } {
  const written = readWritten(text);
  return written ? { command: written } : readJson(text);
}

/**
 * A claim as writeCommand writes it, in the forms of contract/ids.ts. One match reads and checks
 * it, in less than half of JSON.parse's time.
 */
const WRITTEN = new RegExp(
  [
    String.raw`^\{"kind":"reserve"`,
    '"rid":"(([1-9][0-9]{0,14})-[0-9a-f]{32})"',
    String.raw`"lectureId":"\2"`,
    '"userId":"([A-Za-z0-9][A-Za-z0-9_-]{0,63})"',
    String.raw`"claimedAtMs":(0|[1-9][0-9]{0,14})\}$`,
  ].join(","),
);

function readWritten(text: string): Command | undefined {
  const [, rid, lectureId, userId, claimedAtMs] = WRITTEN.exec(text) ?? [];
  if (rid === undefined || lectureId === undefined || userId === undefined) return undefined;
  const atMs = Number(claimedAtMs);
  return atMs > LATEST_MS
    ? undefined
    : { kind: "reserve", rid, lectureId, userId, claimedAtMs: atMs };
}

function readJson(text: string): { command: Command } | { unreadable: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { unreadable: "not JSON" };
  }
  const command = commandOf(json);
  if (command) return { command };
  return { unreadable: Command.safeParse(json).error?.issues[0]?.message ?? "not a command" };
}

/**
 * Reads a value as `Command` does; undefined if `Command` refuses it. zod would cost as much as all
 * other work on a message.
 */
function commandOf(json: unknown): Command | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  const { kind, rid, lectureId, userId, claimedAtMs, requestedAtMs, refused } = json as Record<
    string,
    unknown
  >;
  if (typeof rid !== "string" || !RID_FORM.test(rid) || lectureOf(rid) !== lectureId)
    return undefined;
  if (typeof userId !== "string" || !USER_ID_FORM.test(userId)) return undefined;
  const known = kind as Command["kind"];
  switch (known) {
    case "reserve":
      if (!isTime(claimedAtMs) || (refused !== undefined && refused !== "overlaps"))
        return undefined;
      return { kind: known, rid, lectureId, userId, claimedAtMs, ...(refused && { refused }) };
    case "cancel":
      return isTime(requestedAtMs)
        ? { kind: known, rid, lectureId, userId, requestedAtMs }
        : undefined;
    case "amend":
      // Organisers write few of these: the schema's time is no matter.
      return Command.safeParse(json).data;
    default:
      // Text from outside may hold any kind.
      known satisfies never;
      return undefined;
  }
}

function isTime(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LATEST_MS;
}
