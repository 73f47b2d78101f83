import type { Family, Sample } from "./family.ts";

/** Counts how many values lie in each of some ranges. */
export interface Histogram {
  observe(value: number): void;
}

/** Upper bounds for times from 10 ms to a minute, in seconds. */
export const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Upper bounds for counts up to a thousand. */
export const COUNTS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];

export interface HistogramOptions {
  name: string;
  help: string;
  /** upper bounds, ascending; values above the last bound are counted as well */
  bounds: readonly number[];
}

/** A histogram without labels. */
export function createHistogram(options: HistogramOptions): Family & Histogram {
  const ranges = createRanges(options.bounds, {});
  return { ...familyOf(options), observe: ranges.observe, samples: ranges.samples };
}

/** A histogram with one label, whose values are known beforehand. */
export function createHistograms<Value extends string>(
  options: HistogramOptions & { label: string; values: readonly Value[] },
): Family & { of(value: Value): Histogram } {
  const ranges = new Map(
    options.values.map((value) => [
      value,
      createRanges(options.bounds, { [options.label]: value }),
    ]),
  );
  return {
    ...familyOf(options),
    of(value) {
      const range = ranges.get(value);
      if (!range) throw new Error(`${options.name} has no ${options.label} ${value}`);
      return range;
    },
    *samples() {
      for (const range of ranges.values()) yield* range.samples();
    },
  };
}

function familyOf({ name, help }: HistogramOptions) {
  return { name, help, type: "histogram" as const };
}

function createRanges(bounds: readonly number[], labels: Record<string, string>) {
  const counts = bounds.map(() => 0);
  let count = 0;
  let sum = 0;

  return {
    observe(value: number): void {
      count += 1;
      sum += value;
      for (let at = 0; at < bounds.length; at += 1) {
        if (value > (bounds[at] ?? 0)) continue;
        counts[at] = (counts[at] ?? 0) + 1;
        return;
      }
    },

    *samples(): Iterable<Sample> {
      let below = 0;
      for (const [at, bound] of bounds.entries()) {
        below += counts[at] ?? 0;
        yield { part: "_bucket", labels: { ...labels, le: String(bound) }, value: below };
      }
      yield { part: "_bucket", labels: { ...labels, le: "+Inf" }, value: count };
      yield { part: "_sum", labels, value: sum };
      yield { part: "_count", labels, value: count };
    },
  };
}
