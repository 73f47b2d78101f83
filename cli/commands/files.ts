import { SingleBar } from "cli-progress";
import { type Command, KEY, type Running } from "../command.ts";
import type { Answer } from "../edge.ts";
import { saveFile } from "../save-file.ts";
import { tableOf } from "../table.ts";

const PATH = "/api/admin/lectures";

interface Report {
  counts: Record<string, number>;
  rows: { row: number; status: string; id?: string; title: string }[];
}

export const exportLectures: Command = {
  name: "lectures export",
  words: ["[FILE]"],
  says: "the lectures of your hosts as a CSV file that import takes",
  options: { host: { value: "ID", says: "of one host" } },
  async run({ edge, given, words, note }) {
    const host = given.text("host");
    const query = host === undefined ? "" : `?${new URLSearchParams({ host })}`;
    await saveFile(await edge.file(`${PATH}/export${query}`), words[0] ?? "-", note);
  },
};

export const importLectures: Command = {
  name: "lectures import",
  words: ["FILE"],
  says: "makes the lectures of a CSV file: all, or none where a row is wrong",
  options: { "dry-run": { says: "checks every row and makes nothing" }, ...KEY },
  async run(running) {
    const { given, words, isJson, print, note } = running;
    const bytes = new Uint8Array(await Bun.file(words[0] ?? "").arrayBuffer());
    // The same file makes its lectures once, however often it is imported.
    const key = given.text("key") ?? `import-${hashOf(bytes)}`;
    note(`key ${key}`);
    const isDryRun = given.flag("dry-run");
    const report = await importAll(running, bytes, key, isDryRun);
    if (isJson) return print(JSON.stringify(report, null, 2));
    const rows = report.rows.map(({ row, status, id = "", title }) => [
      String(row),
      status,
      id,
      title,
    ]);
    print(tableOf(["line", "status", "id", "title"], rows));
    const counts = Object.entries(report.counts).filter(([, count]) => count > 0);
    print(`\n${counts.map(([status, count]) => `${count} ${status}`).join(", ")}`);
    if (isDryRun) note("Nothing was made: this was a dry run.");
  },
};

function hashOf(bytes: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex").slice(0, 32);
}

/** How often an import that is not finished is sent again, a second apart. */
const TRIES = 120;

/** Sends the file again, under its key, until every lecture is made. */
async function importAll(
  { edge, note }: Running,
  bytes: Uint8Array,
  key: string,
  isDryRun: boolean,
): Promise<Report> {
  const path = `${PATH}/import${isDryRun ? "?dryRun=1" : ""}`;
  const send = (): Promise<Answer> =>
    edge.ask({ method: "POST", path, body: bytes, headers: { "Idempotency-Key": key } });
  let answer = await send();
  const bar = process.stderr.isTTY
    ? new SingleBar({ format: "  {bar} {value} of {total}", stream: process.stderr })
    : undefined;
  if (answer.status === 202) bar?.start((answer.body as Report).rows.length, 0);
  for (let tries = 1; answer.status === 202 && tries < TRIES; tries += 1) {
    const { counts, rows } = answer.body as Report;
    const made = rows.length - (counts["pending"] ?? 0);
    if (bar) bar.update(made);
    else note(`${made} of ${rows.length} lectures are made`);
    await Bun.sleep(1_000);
    answer = await send();
  }
  bar?.stop();
  if (answer.status === 202) note(`Not finished: the same command with --key ${key} goes on.`);
  return answer.body as Report;
}
