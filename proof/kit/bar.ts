import { Presets, SingleBar } from "cli-progress";

/** A bar on stderr, where that is a terminal; elsewhere nothing is shown. */
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
