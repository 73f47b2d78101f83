import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Trouble } from "./trouble.ts";

/**
 * Writes a file as it comes; `-` is the standard output. A file that breaks off leaves none: it
 * gets its name when it is whole.
 */
export async function saveFile(
  answer: Response,
  file: string,
  note: (text: string) => void,
): Promise<void> {
  const { body } = answer;
  const source = body === null ? Readable.from([]) : Readable.fromWeb(body as never);
  const part = `${file}.part`;
  try {
    if (file === "-") return await pipeline(source, process.stdout, { end: false });
    await pipeline(source, createWriteStream(part));
    await rename(part, file);
    note(`${file} is written`);
  } catch (error) {
    if (file !== "-") await rm(part, { force: true });
    throw new Trouble(
      `the file broke off: ${error instanceof Error ? error.message : error}`,
      "Nothing of it was kept: run the command again.",
    );
  }
}
