import type { NewLecture } from "./insert-lecture.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The lecture that the seed fills with demo students, so that one lecture is sold out. */
export const SOLD_OUT_TITLE = "暗物质的线索 · Traces of dark matter";

/**
 * The first lectures, with windows relative to `now`: one for each state that a student can meet.
 */
export function seedLectures(now: Date): NewLecture[] {
  const at = (offsetMs: number) => new Date(now.getTime() + offsetMs);
  const evening = (days: number) => ({
    startsAt: at(days * DAY_MS),
    endsAt: at(days * DAY_MS + 2 * HOUR_MS),
  });
  return [
    {
      title: "量子计算入门 · A first look at quantum computing",
      speaker: "物理系 · Department of Physics",
      category: "科学 · Science",
      description:
        "叠加、纠缠与测量，不需要预备知识。\n\n" +
        "*Superposition, entanglement and measurement, from the start.*",
      venue: "大礼堂 · Main Auditorium",
      ...evening(10),
      opensAt: at(-HOUR_MS),
      closesAt: at(9 * DAY_MS),
      capacity: 120,
    },
    {
      title: "城市与河流 · Cities and their rivers",
      speaker: "建筑学院 · School of Architecture",
      category: "建筑 · Architecture",
      description: "从苏州到鹿特丹。\n\n*From Suzhou to Rotterdam.*",
      venue: "三教 301 · Building 3, Room 301",
      ...evening(7),
      opensAt: at(5 * MINUTE_MS),
      closesAt: at(6 * DAY_MS),
      capacity: 80,
    },
    {
      title: "唐诗的声音 · How Tang poems sounded",
      speaker: "中文系 · Department of Chinese",
      category: "人文 · Humanities",
      description: "用中古音读李白。\n\n*Li Bai in the sounds of his time.*",
      venue: "图书馆报告厅 · Library Hall",
      ...evening(1),
      opensAt: at(-7 * DAY_MS),
      closesAt: at(-HOUR_MS),
      capacity: 60,
    },
    {
      title: SOLD_OUT_TITLE,
      speaker: "天文系 · Department of Astronomy",
      category: "科学 · Science",
      description: "星系为什么不散开？\n\n*Why do galaxies not fly apart?*",
      venue: "天文台 · Observatory",
      ...evening(5),
      opensAt: at(-HOUR_MS),
      closesAt: at(4 * DAY_MS),
      capacity: 3,
    },
    {
      title: "开学第一课 · The opening lecture of the year",
      speaker: "教务处 · Office of Academic Affairs",
      category: "校园 · Campus",
      description: "致新生。\n\n*For those who begin.*",
      venue: "体育馆 · Sports Hall",
      ...evening(14),
      opensAt: at(-HOUR_MS),
      closesAt: at(13 * DAY_MS),
      capacity: 3_000,
    },
  ];
}
