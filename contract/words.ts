import * as z from "zod";
import { HostId } from "./host.ts";

/** The longest texts of a lecture, in UTF-16 units; MySQL's columns hold as many characters. */
const LINE_MAX = 200;
const BIO_MAX = 2_000;
const CATEGORY_MAX = 60;
const POSTER_URL_MAX = 500;
const DESCRIPTION_MAX = 20_000;

/**
 * The most marks in a description. Some sequences of them take a Markdown reader a time that grows
 * with their square: a thousand take a quarter of a second at the worst.
 */
const MARKS_MAX = 1_000;

/**
 * A text of one line: no control character (Cc), no line or paragraph separator (Zl, Zp). The class
 * has numbers and no \p{…}: tools build texts from the patterns of the API's document.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern refuses control characters
const LINE_FORM = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/u;
/** A text of several lines: no control character but tab, line feed and carriage return. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern refuses control characters
const LINES_FORM = /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$/u;

/** Text of one line: no control character, no broken character. */
const line = (min: number, max: number) =>
  z.string().check(
    z.normalize("NFC"),
    z.trim(),
    z.minLength(min),
    z.maxLength(max),
    z.regex(LINE_FORM),
    z.refine((text) => text.isWellFormed()),
  );

/** Text of several lines; of the control characters only tab and line end. */
const lines = (max: number) =>
  z.string().check(
    z.normalize("NFC"),
    z.maxLength(max),
    z.regex(LINES_FORM),
    z.refine((text) => text.isWellFormed()),
  );

const Description = lines(DESCRIPTION_MAX).check(
  z.refine((text) => (text.match(/[*_`[\]<>!]/g)?.length ?? 0) <= MARKS_MAX),
);

/** Shown by pages of other sites' making, so it leads to HTTPS and bears no password. */
const PosterUrl = z.string().check(
  z.maxLength(POSTER_URL_MAX),
  z.refine((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return (
      url?.protocol === "https:" &&
      url.username === "" &&
      url.password === "" &&
      !/[\s\p{Cc}]/u.test(text) &&
      text.isWellFormed()
    );
  }),
);

/** The words of a lecture by their names in a request, and as they are stored. */
export const WORDS = {
  host: HostId,
  title: line(1, LINE_MAX),
  speaker: line(1, LINE_MAX),
  bio: lines(BIO_MAX),
  category: line(0, CATEGORY_MAX),
  venue: line(1, LINE_MAX),
  posterUrl: z.nullable(PosterUrl),
  description: Description,
} as const;

/** The words of a lecture, as its organisers write them. `description` is Markdown. */
export const Words = z.strictObject(WORDS);
export type Words = z.infer<typeof Words>;

/** The words that a change writes; the others stay as they are. */
export const WordsChange = Words.partial();
export type WordsChange = z.infer<typeof WordsChange>;

/** The rule of each of the words, as a client reads it after breaking the rule. */
export const WORDS_RULES: Record<keyof Words, { en: string; zh: string }> = {
  host: {
    en: "the id of a host: 1 to 32 small letters, digits and dashes",
    zh: "主办方标识：1 至 32 个小写字母、数字或连字符",
  },
  title: { en: `1 to ${LINE_MAX} characters in one line`, zh: `一行 1 至 ${LINE_MAX} 个字符` },
  speaker: { en: `1 to ${LINE_MAX} characters in one line`, zh: `一行 1 至 ${LINE_MAX} 个字符` },
  bio: { en: `at most ${BIO_MAX} characters`, zh: `至多 ${BIO_MAX} 个字符` },
  category: {
    en: `at most ${CATEGORY_MAX} characters in one line`,
    zh: `一行至多 ${CATEGORY_MAX} 个字符`,
  },
  venue: { en: `1 to ${LINE_MAX} characters in one line`, zh: `一行 1 至 ${LINE_MAX} 个字符` },
  posterUrl: {
    en: `null, or an https address of at most ${POSTER_URL_MAX} characters`,
    zh: `null，或至多 ${POSTER_URL_MAX} 个字符的 https 地址`,
  },
  description: {
    en:
      `Markdown of at most ${DESCRIPTION_MAX} characters, ` +
      `of which ${MARKS_MAX} may be marks such as * and [`,
    zh: `至多 ${DESCRIPTION_MAX} 个字符的 Markdown，其中 * 与 [ 之类的标记至多 ${MARKS_MAX} 个`,
  },
};
