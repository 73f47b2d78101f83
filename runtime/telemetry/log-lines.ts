import { fstatSync, write, writeSync } from "node:fs";

export interface LogLinesOptions {
  /** the line that says how many lines were lost, without its end */
  tellLoss: (lines: number) => string;
  /** called for each lost line */
  onLost: () => void;
  /** where the lines go; standard output by default */
  fd?: number;
  /** writes to a file; the system's own by default */
  put?: (fd: number, bytes: Uint8Array) => number;
}

/** Bytes that may wait for a slow reader. */
const HELD_BYTES_MAX = 1 << 20;

/** How long a full pipe is left alone, in milliseconds. */
const ASK_AGAIN_MS = 50;

const NEWLINE = Buffer.from("\n");

/**
 * Gives the function that writes a line of a log. The log never throws, and no process ends or
 * halts for it. Lines that the disk or the reader does not take are dropped and counted. The next
 * line that is taken says how many were lost.
 */
export function openLogLines(options: LogLinesOptions): (line: string) => void {
  const fd = options.fd ?? 1;
  return isFile(fd) ? linesToFile(fd, options) : linesToReader(fd, options);
}

/** Writes synchronously: the last line before a process dies is in the file. */
function linesToFile(fd: number, { tellLoss, onLost, put = writeSync }: LogLinesOptions) {
  let lost = 0;
  let isTorn = false;

  /** Whether the file took all bytes. Otherwise a part of a line may stand in the file. */
  function takes(bytes: Uint8Array): boolean {
    let taken = 0;
    try {
      while (taken < bytes.length) {
        const more = put(fd, bytes.subarray(taken));
        if (more === 0) throw new Error("the log took no byte");
        taken += more;
      }
      return true;
    } catch {
      isTorn ||= taken > 0;
      return false;
    }
  }

  return (line: string): void => {
    if (isTorn && takes(NEWLINE)) isTorn = false;
    if (!isTorn && lost > 0 && takes(Buffer.from(`${tellLoss(lost)}\n`))) lost = 0;
    if (!isTorn && lost === 0 && takes(Buffer.from(line))) return;
    lost += 1;
    onLost();
  };
}

interface Held {
  bytes: Buffer;
  /** how many lost lines it reports */
  tells: number;
}

/** Writes asynchronously, since a reader may stop reading. Holds HELD_BYTES_MAX at most. */
function linesToReader(fd: number, { tellLoss, onLost }: LogLinesOptions) {
  let held: Held[] = [];
  let heldBytes = 0;
  let lost = 0;
  /** from the first held line until all are written */
  let isWriting = false;
  /** while the system has the lines of the current write */
  let isSent = false;

  function lose(lines: Held[]): void {
    for (const { tells } of lines) {
      lost += 1 + tells;
      onLost();
    }
  }

  // Lines of the last turn before the exit are not sent yet. Lines already sent are the system's.
  process.on("exit", () => {
    if (isSent) return;
    try {
      for (const { bytes } of held) writeSync(fd, bytes);
    } catch {
      // No reader is left.
    }
  });

  function writeHeld(): void {
    isSent = isWriting = held.length > 0;
    if (!isWriting) return;
    const lines = held;
    held = [];
    send(Buffer.concat(lines.map(({ bytes }) => bytes)), lines);
  }

  function send(bytes: Buffer, lines: Held[]): void {
    write(fd, bytes, (error, taken) => {
      if (error?.code === "EAGAIN") {
        setTimeout(send, ASK_AGAIN_MS, bytes, lines);
        return;
      }
      if (!error && taken < bytes.length) return send(bytes.subarray(taken), lines);
      heldBytes -= lines.reduce((sum, line) => sum + line.bytes.length, 0);
      if (error) lose(lines);
      writeHeld();
    });
  }

  return (line: string): void => {
    const bytes = Buffer.from(lost > 0 ? `${tellLoss(lost)}\n${line}` : line);
    if (heldBytes + bytes.length > HELD_BYTES_MAX) {
      lose([{ bytes, tells: 0 }]);
      return;
    }
    held.push({ bytes, tells: lost });
    lost = 0;
    heldBytes += bytes.length;
    if (isWriting) return;
    isWriting = true;
    setImmediate(writeHeld);
  };
}

function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}
