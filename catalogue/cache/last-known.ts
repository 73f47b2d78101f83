import type { LectureId } from "../../contract/ids.ts";
import type { ShownLecture } from "./store.ts";

/** How long a lecture may be shown after it was last read, in milliseconds. */
const KNOWN_MS = 300_000;

/** The most lectures known, and the most characters of all of them: the oldest ones go. */
const LECTURES_MAX = 5_000;
const CHARACTERS_MAX = 16_000_000;

interface Known {
  lecture: ShownLecture;
  atMs: number;
}

/** The lectures that a process last read, in bounded memory. Their versions never fall. */
export interface LastKnown {
  get(id: LectureId): ShownLecture | undefined;
  put(id: LectureId, lecture: ShownLecture): void;
}

/** @param nowMs monotonic milliseconds */
export function createLastKnown(
  nowMs: () => number,
  { lecturesMax = LECTURES_MAX, charactersMax = CHARACTERS_MAX } = {},
): LastKnown {
  /** the longest known first */
  const known = new Map<LectureId, Known>();
  let characters = 0;

  function drop(id: LectureId): void {
    characters -= known.get(id)?.lecture.json.length ?? 0;
    known.delete(id);
  }

  function get(id: LectureId): ShownLecture | undefined {
    const found = known.get(id);
    if (found && nowMs() - found.atMs < KNOWN_MS) return found.lecture;
    drop(id);
    return undefined;
  }

  return {
    get,
    put(id, lecture) {
      if (lecture.version < (get(id)?.version ?? 0)) return;
      drop(id);
      known.set(id, { lecture, atMs: nowMs() });
      characters += lecture.json.length;
      for (const oldest of known.keys()) {
        if (known.size <= lecturesMax && characters <= charactersMax) break;
        drop(oldest);
      }
    },
  };
}
