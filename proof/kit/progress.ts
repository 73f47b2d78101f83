/** The least time between two lines on stderr without a terminal, in milliseconds. */
const WRITE_EVERY_MS = 10_000;

/** Progress lines on stderr. */
export interface Progress {
  /** Shows a line. On a terminal it replaces the line before. */
  tell(line: string): void;
  /** Removes the last line, so that a result can follow. */
  end(): void;
}

/** @param every without a terminal: whether to write each line, or one in ten seconds */
export function openProgress({ every = true } = {}): Progress {
  const isTerminal = process.stderr.isTTY;
  let writtenAtMs = Number.NEGATIVE_INFINITY;
  return {
    tell(line) {
      if (isTerminal) process.stderr.write(`\r\x1b[K${line}`);
      else if (every || performance.now() - writtenAtMs >= WRITE_EVERY_MS) {
        writtenAtMs = performance.now();
        process.stderr.write(`${line}\n`);
      }
    },
    end() {
      if (isTerminal) process.stderr.write("\r\x1b[K");
    },
  };
}
