import { Presets, SingleBar } from "cli-progress";

export interface Bar {
  add(count?: number): void;
  /** Shows that so many are done. */
  show(done: number, figures?: Record<string, string>): void;
  end(): void;
}

export interface BarForm {
  /** the figures beside the bar, in the form of cli-progress */
  figures?: string;
  /** whether the end removes the bar, so that a result can stand in its place */
  clears?: boolean;
}

/** Shows a progress bar on stderr if stderr is a terminal, else nothing. */
export function openBar(
  label: string,
  total: number,
  { figures = "{value}/{total}", clears = false }: BarForm = {},
): Bar {
  if (!process.stderr.isTTY) return { add() {}, show() {}, end() {} };
  const format = `${label.padEnd(12)} {bar} ${figures}  {duration_formatted}`;
  const bar = new SingleBar(
    { format, stream: process.stderr, hideCursor: true, clearOnComplete: clears },
    Presets.shades_grey,
  );
  bar.start(total, 0);
  return {
    add: (count = 1) => bar.increment(count),
    show: (done, figures) => bar.update(done, figures),
    end: () => bar.stop(),
  };
}

/** Shows a bar as long as the work lasts. */
export async function withBar<Result>(
  label: string,
  total: number,
  work: (bar: Bar) => Promise<Result>,
): Promise<Result> {
  const bar = openBar(label, total);
  return await work(bar).finally(bar.end);
}
