import { type Command, KEY, keyOf } from "../command.ts";
import { wholeNumber } from "../lecture-fields.ts";
import { saveFile } from "../save-file.ts";
import { tableOf, timeOf } from "../table.ts";
import { Trouble, WrongUsage } from "../trouble.ts";

type Json = Record<string, unknown>;

function pathOf(id: string | undefined): string {
  return `/api/admin/lectures/${encodeURIComponent(id ?? "")}/reservations`;
}

export const listReservations: Command = {
  name: "lectures reservations",
  words: ["ID"],
  says: "who has booked a lecture, on the screen or as a CSV file",
  options: {
    status: { value: "STATUS", says: "confirmed, rejected or cancelled" },
    student: { value: "NUMBER", says: "the beginning of student numbers" },
    limit: { value: "N", says: "at most so many on the screen; 50 by default" },
    csv: { value: "FILE", says: "writes all of them into a file; - is the standard output" },
  },
  async run({ edge, given, words, isJson, print, note }) {
    const query = new URLSearchParams();
    for (const name of ["status", "student"] as const) {
      const value = given.text(name);
      if (value !== undefined) query.set(name, value);
    }
    const file = given.text("csv");
    if (file !== undefined)
      return await saveFile(await edge.file(`${pathOf(words[0])}?${query}`), file, note);
    const limit = wholeNumber("limit", given.text("limit") ?? "50");
    query.set("limit", String(Math.min(Math.max(limit, 1), 200)));
    const found: Json[] = [];
    let path: string | undefined = `${pathOf(words[0])}?${query}`;
    while (path !== undefined && found.length < limit) {
      const page = (await edge.ask({ path })).body as { reservations: Json[]; next?: string };
      found.push(...page.reservations);
      path = page.next;
    }
    const shown = found.slice(0, limit);
    if (isJson) return print(JSON.stringify(shown, null, 2));
    const rows = shown.map((seat) => [
      String(seat["studentNumber"] ?? seat["userId"]),
      [seat["status"], seat["reason"]].filter(Boolean).join(" "),
      timeOf(seat["decidedAt"]),
      String(seat["id"]),
    ]);
    print(tableOf(["student", "status", "decided", "reservation"], rows));
    if (path !== undefined || found.length > limit) note("There are more: --limit N, --csv FILE");
  },
};

export const bookStudents: Command = {
  name: "lectures book",
  words: ["ID"],
  says: "books for students, by the rules for students",
  options: {
    students: { value: "NUMBERS", says: "student numbers with commas" },
    file: { value: "FILE", says: "a CSV file with a column student_number or 学号" },
    ...KEY,
  },
  async run(running) {
    const { edge, given, words, isJson, print, note } = running;
    const [list, file] = [given.text("students"), given.text("file")];
    if ((list === undefined) === (file === undefined))
      throw new WrongUsage("either --students or --file is needed");
    const key = keyOf(running);
    note(`key ${key}`);
    const body =
      file === undefined
        ? { studentNumbers: (list ?? "").split(",").map((number) => number.trim()) }
        : new Uint8Array(await Bun.file(file).arrayBuffer());
    const headers = { "Idempotency-Key": key, Prefer: "wait=20" };
    const answer = await edge.ask({ method: "POST", path: pathOf(words[0]), body, headers });
    const report = answer.body as { counts: Record<string, number>; rows: Json[] };
    const counts = Object.entries(report.counts)
      .filter(([, count]) => count > 0)
      .map(([status, count]) => `${count} ${status}`);
    if (isJson) print(JSON.stringify(report, null, 2));
    else {
      const rows = report.rows.map((row) => [
        String(row["row"]),
        String(row["studentNumber"]),
        String(row["status"]),
        row["sameAs"] === undefined ? String(row["message"] ?? "") : `as row ${row["sameAs"]}`,
      ]);
      print(tableOf(["row", "student", "status", ""], rows));
      print(`\n${counts.join(", ")}`);
    }
    const { pending = 0, unknown = 0, refused = 0 } = report.counts;
    if (pending + unknown > 0)
      note(`Not all are decided yet: the same command with --key ${key} tells more.`);
    if (unknown + refused > 0)
      throw new Trouble(`${unknown + refused} of ${report.rows.length} rows have no seat`);
  },
};
