import { type Command, KEY, keyOf, type Options, type Running } from "../command.ts";
import type { EdgeRequest } from "../edge.ts";
import { LECTURE_FIELDS, readFields } from "../lecture-fields.ts";
import { WrongUsage } from "../trouble.ts";
import { printLecture } from "./read-lectures.ts";

const PATH = "/api/admin/lectures";

/** The longest wait for a decision that an edge takes, in seconds. */
const WAIT_S = 20;

export const createLecture: Command = {
  name: "lectures create",
  says: "makes a lecture: a draft, or visible with --publish",
  options: { ...LECTURE_FIELDS, publish: { says: "everybody may see it at once" }, ...KEY },
  async run(running) {
    const { given } = running;
    const fields = await readFields(given);
    const body = { ...fields, ...(given.flag("publish") && { published: true }) };
    await change(running, { method: "POST", path: PATH, body });
  },
};

const VERSION: Options = {
  "if-version": { value: "N", says: "refuse if the lecture is no longer at this version" },
};

export const amendLecture: Command = {
  name: "lectures amend",
  words: ["ID"],
  says: "changes what the options name, and nothing else",
  options: {
    ...LECTURE_FIELDS,
    strict: { says: "refuse fewer seats than are given, instead of sinking to them" },
    ...VERSION,
    ...KEY,
  },
  async run(running) {
    const { given } = running;
    const fields = await readFields(given);
    if (Object.keys(fields).length === 0) throw new WrongUsage("nothing to change is named");
    const body = { ...fields, ...(given.flag("strict") && { strict: true }) };
    await change(running, { method: "PATCH", path: pathOf(running), body, ...ifMatch(running) });
  },
};

export const postponeLecture: Command = {
  name: "lectures postpone",
  words: ["ID"],
  says: "other times; all seats stay",
  options: {
    ...pick("starts-at", "ends-at", "opens-at", "closes-at", "cancel-until"),
    ...VERSION,
    ...KEY,
  },
  async run(running) {
    const { given } = running;
    given.needed("starts-at");
    given.needed("ends-at");
    const request = { method: "POST" as const, path: `${pathOf(running)}/postpone` };
    await change(running, { ...request, body: await readFields(given), ...ifMatch(running) });
  },
};

export const publishLecture = step("publish", "everybody may see it, and book once it opens");
export const closeLecture = step("close", "booking ends now; amend --closes-at opens it again");
export const cancelLecture = step("cancel", "for good: every seat is given back");

export const deleteLecture: Command = {
  name: "lectures delete",
  words: ["ID"],
  says: "cancels it, and takes it out of the lists",
  options: { ...VERSION, ...KEY },
  run: (running) =>
    change(running, { method: "DELETE", path: pathOf(running), ...ifMatch(running) }),
};

function step(name: "publish" | "close" | "cancel", says: string): Command {
  return {
    name: `lectures ${name}`,
    words: ["ID"],
    says,
    options: { ...VERSION, ...KEY },
    run: (running) => {
      const path = `${pathOf(running)}/${name}`;
      return change(running, { method: "POST", path, ...ifMatch(running) });
    },
  };
}

function pick(...names: string[]): Options {
  return Object.fromEntries(
    names.flatMap((name) => Object.entries({ [name]: LECTURE_FIELDS[name] })) as [
      string,
      Options[string],
    ][],
  );
}

function pathOf({ words }: Pick<Running, "words">): string {
  return `${PATH}/${encodeURIComponent(words[0] ?? "")}`;
}

/** Without --if-version whatever version is there is changed. */
function ifMatch({ given }: Pick<Running, "given">): { headers: Record<string, string> } {
  const version = given.text("if-version");
  return { headers: { "If-Match": version === undefined ? "*" : `"${version}"` } };
}

/** Sends a change, waits for its decision and shows the lecture after it. */
async function change(running: Running, request: EdgeRequest): Promise<void> {
  const { edge, isJson, print, note } = running;
  const key = keyOf(running);
  const headers = { "Idempotency-Key": key, Prefer: `wait=${WAIT_S}`, ...request.headers };
  note(`key ${key}`);
  const answer = await edge.ask({ ...request, headers });
  if (answer.status !== 202) return printLecture(running, answer.body);
  if (isJson) print(JSON.stringify(answer.body, null, 2));
  note(`It is under way, and not decided yet. The same command with --key ${key} tells more.`);
}
