import * as z from "zod";
import { Audience, CAPACITY_MAX, type Change, GROUPS_MAX } from "./terms.ts";
import { LATEST_MS } from "./time.ts";
import { WORDS, WORDS_RULES, type Words, type WordsChange } from "./words.ts";

/** A moment as RFC 3339 with any offset, as MySQL can hold it; read as Unix milliseconds. */
const Moment = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .refine((ms) => ms >= 0 && ms <= LATEST_MS);

/** The terms of a lecture by their names in a request. */
const TERMS = {
  opensAt: Moment,
  closesAt: Moment,
  startsAt: Moment,
  endsAt: Moment,
  cancelUntil: z.nullable(Moment),
  capacity: z.int().check(z.gte(0), z.lte(CAPACITY_MAX)),
  audience: Audience,
  published: z.boolean(),
} as const;

/**
 * The body of a request that makes a lecture. Without `closesAt` booking ends at the start; a
 * lecture is unpublished unless it says otherwise.
 */
export const NewLecture = z.strictObject({
  ...WORDS,
  ...TERMS,
  bio: WORDS.bio.default(""),
  category: WORDS.category.default(""),
  posterUrl: WORDS.posterUrl.default(null),
  description: WORDS.description.default(""),
  closesAt: z.optional(TERMS.closesAt),
  cancelUntil: TERMS.cancelUntil.default(null),
  audience: TERMS.audience.default([]),
  published: TERMS.published.default(false),
});
export type NewLecture = z.infer<typeof NewLecture>;

/**
 * The body of a request that changes a lecture: what it names changes. `strict` refuses a capacity
 * below the seats that are given; without it the capacity sinks as seats come back.
 */
export const LectureChange = z.strictObject({
  ...z.strictObject({ ...WORDS, ...TERMS }).partial().shape,
  strict: z.optional(z.boolean()),
});
export type LectureChange = z.infer<typeof LectureChange>;

/** The body of a request that postpones a lecture. All seats stay. */
export const Postponement = z.strictObject({
  startsAt: TERMS.startsAt,
  endsAt: TERMS.endsAt,
  opensAt: z.optional(TERMS.opensAt),
  closesAt: z.optional(TERMS.closesAt),
  cancelUntil: z.optional(TERMS.cancelUntil),
});

/** A request's change in its two parts: the catalogue's words, and the terms of the command. */
export interface DividedChange {
  /** undefined where no word changes */
  words: WordsChange | undefined;
  change: Change;
}

const WORD_NAMES = Object.keys(WORDS) as (keyof Words)[];

const TERM_OF = {
  opensAt: "opensAtMs",
  closesAt: "closesAtMs",
  startsAt: "startsAtMs",
  endsAt: "endsAtMs",
  cancelUntil: "cancelUntilMs",
  capacity: "capacity",
  audience: "audience",
  published: "published",
} as const satisfies Record<keyof typeof TERMS, keyof Change>;

/** Divides a change into words and terms. The only place that knows which is which. */
export function divideChange(change: Omit<LectureChange, "strict">): DividedChange {
  const named = Object.entries(change).filter(([, value]) => value !== undefined);
  const words = named.filter(([name]) => WORD_NAMES.some((word) => word === name));
  const terms = named.flatMap(([name, value]) =>
    Object.hasOwn(TERM_OF, name) ? [[TERM_OF[name as keyof typeof TERM_OF], value]] : [],
  );
  return {
    words: words.length > 0 ? Object.fromEntries(words) : undefined,
    change: Object.fromEntries(terms),
  };
}

/** The words and the terms of a new lecture. */
export function divideLecture(lecture: NewLecture): { words: Words; change: Change } {
  const { closesAt = lecture.startsAt } = lecture;
  const { words, change } = divideChange({ ...lecture, closesAt });
  return { words: words as Words, change: { create: true, ...change } };
}

const MOMENT = {
  en: "a time as 2026-12-31T19:00:00+08:00",
  zh: "形如 2026-12-31T19:00:00+08:00 的时间",
};

const RULES: Record<string, { en: string; zh: string }> = {
  ...WORDS_RULES,
  opensAt: MOMENT,
  closesAt: MOMENT,
  startsAt: MOMENT,
  endsAt: MOMENT,
  cancelUntil: {
    en: `null for the start, or ${MOMENT.en}`,
    zh: `null（即讲座开始时），或${MOMENT.zh}`,
  },
  capacity: { en: `a whole number from 0 to ${CAPACITY_MAX}`, zh: `0 至 ${CAPACITY_MAX} 的整数` },
  audience: {
    en: `a list of at most ${GROUPS_MAX} different groups`,
    zh: `至多 ${GROUPS_MAX} 个互不相同的群体`,
  },
  published: { en: "true or false", zh: "true 或 false" },
  strict: { en: "true or false", zh: "true 或 false" },
};

/** What is wrong with a lecture or a change that a schema has refused: the field, and its rule. */
export function faultOfField(error: z.ZodError): { field: string; en: string; zh: string } {
  const [issue] = error.issues;
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  if (unknown !== undefined) {
    const field = unknown.slice(0, 60);
    return { field, en: `There is no field ${field}.`, zh: `没有字段 ${field}。` };
  }
  const field = String(issue?.path[0] ?? "");
  const rule = RULES[field];
  if (!rule) return { field, en: "The body must be a JSON object.", zh: "请求体须为 JSON 对象。" };
  return { field, en: `${field} must be ${rule.en}.`, zh: `${field} 须为${rule.zh}。` };
}
