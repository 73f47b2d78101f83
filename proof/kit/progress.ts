/** Elsewhere than on a terminal a line is written at most so often, in milliseconds. */
const WRITE_EVERY_MS = 10_000;

/** Lines on stderr that say how far a command is. */
export interface Progress {
  /** On a terminal the line takes the place of the one before. */
  tell(line: string): void;
  /** Takes the last line away, so that a result can be written. */
  end(): void;
}

/** @param every whether each line is written where stderr is no terminal, or one in ten seconds */
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
