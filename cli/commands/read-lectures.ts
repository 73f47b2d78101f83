import type { Command, Running } from "../command.ts";
import { wholeNumber } from "../lecture-fields.ts";
import { oneLine, tableOf, timeOf } from "../table.ts";

type Json = Record<string, unknown>;

const PATH = "/api/admin/lectures";

export const listLectures: Command = {
  name: "lectures list",
  says: "the lectures of your hosts, latest first",
  options: {
    q: { value: "TEXT", says: "words to look for" },
    state: { value: "STATE", says: "draft, upcoming, open, closed or cancelled" },
    host: { value: "ID", says: "of one host" },
    limit: { value: "N", says: "at most so many; 50 by default" },
  },
  async run({ edge, given, isJson, print, note }) {
    const limit = wholeNumber("limit", given.text("limit") ?? "50");
    const query = new URLSearchParams();
    for (const name of ["q", "state", "host"] as const) {
      const value = given.text(name);
      if (value !== undefined) query.set(name, value);
    }
    query.set("limit", String(Math.min(Math.max(limit, 1), 100)));
    const lectures: Json[] = [];
    let path: string | undefined = `${PATH}?${query}`;
    while (path !== undefined && lectures.length < limit) {
      const page = (await edge.ask({ path })).body as { lectures: Json[]; next?: string };
      lectures.push(...page.lectures);
      path = page.next;
    }
    const shown = lectures.slice(0, limit);
    if (isJson) return print(JSON.stringify(shown, null, 2));
    print(tableOf(["id", "state", "starts", "seats", "host", "title"], shown.map(rowOf)));
    if (path !== undefined || lectures.length > limit) note("There are more: --limit N");
  },
};

function rowOf(lecture: Json): string[] {
  const host = (lecture["host"] ?? {}) as Json;
  return [
    String(lecture["id"]),
    stateOf(lecture),
    timeOf(lecture["startsAt"]),
    String(lecture["capacity"]),
    String(host["id"]),
    String(lecture["title"]),
  ];
}

/** By this machine's clock; the server's own decides. */
function stateOf(lecture: Json): string {
  if (lecture["cancelled"] === true) return "cancelled";
  if (lecture["published"] === false) return "draft";
  const at = (name: string) => Date.parse(String(lecture[name]));
  const nowMs = Date.now();
  if (nowMs < at("opensAt")) return "upcoming";
  return nowMs < Math.min(at("closesAt"), at("startsAt")) ? "open" : "closed";
}

export const showLecture: Command = {
  name: "lectures show",
  words: ["ID"],
  says: "one lecture, with its seats and its version",
  async run(running) {
    const { edge, words } = running;
    const { body } = await edge.ask({ path: `${PATH}/${encodeURIComponent(words[0] ?? "")}` });
    printLecture(running, body);
  },
};

export const lectureLog: Command = {
  name: "lectures log",
  words: ["ID"],
  says: "what happened to a lecture: the latest changes",
  async run({ edge, words, isJson, print }) {
    const path = `${PATH}/${encodeURIComponent(words[0] ?? "")}/amendments`;
    const { body } = await edge.ask({ path });
    if (isJson) return print(JSON.stringify(body, null, 2));
    const { amendments } = body as { amendments: Json[] };
    const rows = amendments.map((amendment) => [
      timeOf(amendment["decidedAt"]),
      String(amendment["version"] ?? ""),
      [amendment["status"], amendment["reason"]].filter(Boolean).join(" "),
      String(amendment["by"] ?? ""),
      JSON.stringify({ ...(amendment["change"] as Json), ...(amendment["words"] as Json) }),
    ]);
    print(tableOf(["decided", "version", "outcome", "by", "change"], rows));
  },
};

/** A lecture, a field a line. */
export function printLecture({ isJson, print }: Pick<Running, "isJson" | "print">, body: unknown) {
  if (isJson) return print(JSON.stringify(body, null, 2));
  const { descriptionHtml: _, host, ...fields } = body as Json;
  const { id, name } = (host ?? {}) as Json;
  const all: Json = { ...fields, host: `${id} (${name})` };
  const lines = Object.entries(all).map(([field, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `${field.padEnd(14)}${oneLine(text)}`;
  });
  print(lines.join("\n"));
}
