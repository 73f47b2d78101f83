import type { OrganisedLecture } from "../../catalogue/organised.ts";
import type { FileLanguage } from "../../contract/csv-files.ts";
import { writeCampusTime } from "../campus-time.ts";

/** How the columns of a file of lectures are called; the first name of each is written. */
export const LECTURE_COLUMNS = {
  id: { en: ["id"], zh: ["编号", "讲座编号"] },
  host: { en: ["host"], zh: ["主办方", "主办单位"] },
  title: { en: ["title"], zh: ["标题", "题目", "讲座题目"] },
  speaker: { en: ["speaker"], zh: ["主讲人"] },
  bio: { en: ["bio"], zh: ["主讲人简介"] },
  category: { en: ["category"], zh: ["类别", "分类"] },
  venue: { en: ["venue"], zh: ["地点"] },
  posterUrl: { en: ["poster_url"], zh: ["海报"] },
  startsAt: { en: ["starts_at"], zh: ["开始时间"] },
  endsAt: { en: ["ends_at"], zh: ["结束时间"] },
  opensAt: { en: ["opens_at"], zh: ["预约开始", "预约开始时间"] },
  closesAt: { en: ["closes_at"], zh: ["预约截止", "预约截止时间"] },
  cancelUntil: { en: ["cancel_until"], zh: ["取消截止", "取消截止时间"] },
  capacity: { en: ["capacity"], zh: ["名额", "人数"] },
  audience: { en: ["audience"], zh: ["面向群体"] },
  published: { en: ["published"], zh: ["已发布", "是否发布"] },
  cancelled: { en: ["cancelled"], zh: ["已取消"] },
  description: { en: ["description"], zh: ["简介", "内容简介"] },
} as const satisfies Record<string, Record<FileLanguage, readonly [string, ...string[]]>>;

export type LectureColumn = keyof typeof LECTURE_COLUMNS;

const COLUMNS = Object.keys(LECTURE_COLUMNS) as LectureColumn[];

/** The groups of an audience in one cell; no group has this mark in its name. */
export const GROUPS_APART = ";";

const YES_NO = { en: ["no", "yes"], zh: ["否", "是"] } as const;

export function lectureHeader(language: FileLanguage): string[] {
  return COLUMNS.map((column) => LECTURE_COLUMNS[column][language][0]);
}

/** The column of this name, in any case and either language; undefined if there is none. */
export function columnNamed(name: string): LectureColumn | undefined {
  const wanted = name.normalize("NFKC").trim().toLowerCase().replaceAll(" ", "_");
  return COLUMNS.find((column) => {
    const { en, zh } = LECTURE_COLUMNS[column];
    return [...en, ...zh].some((known) => known === wanted);
  });
}

/** Writes a lecture as a record that reads back as the same lecture. */
export function lectureRecord(
  { id, words, terms }: Pick<OrganisedLecture, "id" | "words" | "terms">,
  { language, timeZone }: { language: FileLanguage; timeZone: string },
): string[] {
  const time = (ms: number | null) =>
    ms === null || Number.isNaN(ms) ? "" : writeCampusTime(ms, timeZone);
  const flag = (is: boolean) => YES_NO[language][is ? 1 : 0];
  const cells: Record<LectureColumn, string> = {
    id,
    ...words,
    posterUrl: words.posterUrl ?? "",
    startsAt: time(terms.startsAtMs),
    endsAt: time(terms.endsAtMs),
    opensAt: time(terms.opensAtMs),
    closesAt: time(terms.closesAtMs),
    cancelUntil: time(terms.cancelUntilMs),
    capacity: String(terms.capacity),
    audience: terms.audience.join(GROUPS_APART),
    published: flag(terms.published),
    cancelled: flag(terms.cancelled),
  };
  return COLUMNS.map((column) => cells[column]);
}
