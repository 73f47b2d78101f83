import { Presets, SingleBar } from "cli-progress";

/** Shows a progress bar on stderr if stderr is a terminal, else nothing. */
export function openBar(label: string, total: number): { add(count?: number): void; end(): void } {
  if (!process.stderr.isTTY) return { add() {}, end() {} };
  const format = `${label.padEnd(12)} {bar} {value}/{total}  {duration_formatted}`;
  const bar = new SingleBar(
    { format, stream: process.stderr, hideCursor: true },
    Presets.shades_grey,
  );
  bar.start(total, 0);
  return { add: (count = 1) => bar.increment(count), end: () => bar.stop() };
}
