/** What a line that k6 writes while it runs tells about how far it is; undefined for any other line. */
export function progressOf(line: string): string | undefined {
  const making = /^Init\s+\[.*\]\s+0*(\d+)\/0*(\d+) VUs initialized/.exec(line);
  if (making) return `${making[1]} of ${making[2]} users made`;
  const running = /^running \(([^)]*)\), 0*(\d+)\/\d+ VUs, (\d+) complete/.exec(line);
  if (running) return `${running[1]}, ${running[3]} done, ${running[2]} at work`;
  return undefined;
}

/** A line elsewhere than on a terminal, at most so often. */
const TELL_EVERY_MS = 10_000;

/** Shows one line after the other on stderr: on a terminal each in the place of the one before, elsewhere one now and then. */
export function openProgress(): { tell(line: string): void; end(): void } {
  const isTerminal = process.stderr.isTTY;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  return {
    tell(line) {
      if (isTerminal) process.stderr.write(`\r\x1b[K${line}`);
      else if (performance.now() - toldAtMs >= TELL_EVERY_MS) {
        toldAtMs = performance.now();
        process.stderr.write(`${line}\n`);
      }
    },
    end() {
      if (isTerminal) process.stderr.write("\r\x1b[K");
    },
  };
}
