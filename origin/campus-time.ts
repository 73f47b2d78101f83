import { offsetAt } from "./campus-day.ts";

/** A date and a time of day as spreadsheets and people write them. */
const LOCAL =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+)(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,3})?)?$/;

/**
 * Writes a time as `2026-12-31T19:00:00+08:00`, by the clock of the campus: exact, and readable.
 *
 * @param timeZone as `Asia/Shanghai`
 */
export function writeCampusTime(ms: number, timeZone: string): string {
  const offset = offsetAt(ms, timeZone);
  const local = new Date(ms + minutesOf(offset) * 60_000).toISOString();
  const isWhole = ms % 1_000 === 0;
  const shown = offset === "Z" ? "+00:00" : offset;
  return `${isWhole ? local.slice(0, 19) : local.slice(0, 23)}${shown}`;
}

/**
 * A time of the campus without an offset, such as `2026-12-31 19:00` or `2026/12/31 19:00`, with
 * its offset; any other text as it is.
 */
export function withCampusOffset(text: string, timeZone: string): string {
  const [, year, month = "", day = "", hour = "", minute, second = "00", fraction = ""] =
    LOCAL.exec(text) ?? [];
  if (year === undefined) return text;
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const local = `${date}T${hour.padStart(2, "0")}:${minute}:${second}${fraction}`;
  let ms = Date.parse(`${local}Z`);
  if (Number.isNaN(ms)) return text;
  // The offset is that of the moment, which is found from the offset: the second step settles it.
  let offset = "Z";
  for (let step = 0; step < 2; step += 1) {
    offset = offsetAt(ms, timeZone);
    ms = Date.parse(local + offset);
  }
  return local + offset;
}

/** The minutes of `+08:00`. */
function minutesOf(offset: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):(\d{2})$/.exec(offset) ?? [];
  if (sign === undefined) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
