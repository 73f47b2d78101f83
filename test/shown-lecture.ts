import type { Lecture } from "../contract/lecture.ts";

const AT = "2026-11-28T09:00:00.000Z";

/** A lecture as the origin shows it. */
export function shownLecture(change: Partial<Lecture> = {}): Lecture {
  return {
    id: "7",
    title: "Light",
    speaker: "Physics",
    bio: "",
    host: { id: "campus", name: "Campus" },
    category: "",
    venue: "Hall 1",
    posterUrl: null,
    descriptionHtml: "",
    startsAt: AT,
    endsAt: AT,
    opensAt: AT,
    closesAt: AT,
    capacity: 10,
    cancelled: false,
    audience: [],
    version: 1,
    ...change,
  };
}

/** The id in a path `/lectures/ID`. */
export function lectureIn(path: string): string {
  return path.split("/")[2] ?? "";
}
