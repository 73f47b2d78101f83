import { SharedArray } from "k6/data";

/** The runner's input: the edge, the lecture and the load. */
export const edgeUrl = text("EDGE_URL");
export const lectureId = text("LECTURE_ID");
/** seats of the lecture */
export const capacity = number("SEATS");
/** the opening of the lecture, in Unix milliseconds by the runner's clock */
export const opensAtMs = number("OPENS_AT_MS");
/** arrivals each second */
export const rate = number("RATE");
export const seconds = number("SECONDS");
/** users at work at once, at most; an arrival without a free user is dropped, and fails the run */
export const users = number("USERS");

/** One session token per student, kept once for all users. */
export const tokens = new SharedArray<string>("tokens", () =>
  JSON.parse(open(text("TOKENS_FILE"))),
);

function text(name: string): string {
  const value = __ENV[name];
  if (value === undefined) throw new Error(`${name} is not set: start this with npm run load`);
  return value;
}

function number(name: string): number {
  return Number(text(name));
}
