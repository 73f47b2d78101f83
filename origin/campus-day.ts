/** A day at the campus, in Unix milliseconds: [fromMs, untilMs). */
export interface CampusDay {
  fromMs: number;
  untilMs: number;
}

/** The day `YYYY-MM-DD` in a time zone. Days on which clocks change have 23 or 25 hours. */
export function campusDay(day: string, timeZone: string): CampusDay {
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  return { fromMs: midnightOf(day, timeZone), untilMs: midnightOf(next, timeZone) };
}

/** Whether the runtime knows a time zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** The offset is that of midnight, which is found from the offset: the second step settles it. */
function midnightOf(day: string, timeZone: string): number {
  let ms = Date.parse(`${day}T00:00:00Z`);
  for (let step = 0; step < 2; step += 1)
    ms = Date.parse(`${day}T00:00:00${offsetAt(ms, timeZone)}`);
  return ms;
}

/** The offset from UTC at a moment, as `+08:00`. */
export function offsetAt(ms: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  const name = format.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value ?? "";
  return /[+-]\d{2}:\d{2}/.exec(name)?.[0] ?? "Z";
}
