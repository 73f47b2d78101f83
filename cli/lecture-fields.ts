import type { Given, Options } from "./command.ts";
import { WrongUsage } from "./trouble.ts";

/** The fields of a lecture as options of `create` and `amend`. */
export const LECTURE_FIELDS: Options = {
  host: { value: "ID", says: "the host that holds the lecture" },
  title: { value: "TEXT", says: "its title" },
  speaker: { value: "TEXT", says: "who speaks" },
  bio: { value: "TEXT", says: "about the speaker" },
  category: { value: "TEXT", says: "its category" },
  venue: { value: "TEXT", says: "where it is held" },
  "poster-url": { value: "URL", says: "an https address, or none" },
  "description-file": { value: "FILE", says: "holds the description in Markdown" },
  "starts-at": { value: "TIME", says: "as 2026-12-31T19:00:00+08:00" },
  "ends-at": { value: "TIME", says: "its end" },
  "opens-at": { value: "TIME", says: "booking opens" },
  "closes-at": { value: "TIME", says: "booking closes" },
  "cancel-until": { value: "TIME", says: "the end of giving seats back, or none for the start" },
  capacity: { value: "N", says: "its seats" },
  audience: { value: "GROUPS", says: "who may book: groups with commas, or all" },
};

const TEXTS = {
  host: "host",
  title: "title",
  speaker: "speaker",
  bio: "bio",
  category: "category",
  venue: "venue",
  "starts-at": "startsAt",
  "ends-at": "endsAt",
  "opens-at": "opensAt",
  "closes-at": "closesAt",
} as const;

/** The fields that a command line gives, by their names in a request. */
export async function readFields(given: Given): Promise<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const [option, name] of Object.entries(TEXTS)) {
    const text = given.text(option);
    if (text !== undefined) fields[name] = text;
  }
  const poster = given.text("poster-url");
  if (poster !== undefined) fields["posterUrl"] = poster === "none" ? null : poster;
  const cancelUntil = given.text("cancel-until");
  if (cancelUntil !== undefined)
    fields["cancelUntil"] = cancelUntil === "none" ? null : cancelUntil;
  const capacity = given.text("capacity");
  if (capacity !== undefined) fields["capacity"] = wholeNumber("capacity", capacity);
  const audience = given.text("audience");
  if (audience !== undefined)
    fields["audience"] = audience === "all" ? [] : audience.split(",").map((group) => group.trim());
  const file = given.text("description-file");
  if (file !== undefined) fields["description"] = await Bun.file(file).text();
  return fields;
}

export function wholeNumber(option: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new WrongUsage(`--${option} ${text}: a whole number`);
}
