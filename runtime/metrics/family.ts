/** One figure of a family: of a counter, a gauge, or a part of a histogram. */
export interface Sample {
  /** written behind the family's name; only histograms have parts */
  part?: "_bucket" | "_sum" | "_count";
  labels?: Readonly<Record<string, string>>;
  value: number;
}

/** Metrics of one name, in the sense of Prometheus. */
export interface Family {
  /**
   * small letters, digits and `_`; begins with `lectern_`, ends with its unit, a counter with
   * `_total`
   */
  name: string;
  help: string;
  type: "counter" | "gauge" | "histogram";
  samples(): Iterable<Sample>;
}

/** Holds a number. Counting adds to it and does nothing else. */
export interface Cell {
  value: number;
}

export interface Counter extends Family {
  /**
   * The cell of these label values, in the order of the label names. A missing cell is made. Values
   * must come from the code and never from a client, since a cell stays forever.
   */
  of(...values: string[]): Cell;
}

type Level = Map<string, Level | Cell>;

/** A counter with one cell for each combination of its labels' values. */
export function createCounter(
  name: string,
  help: string,
  labelNames: readonly string[] = [],
): Counter {
  const root: Level = new Map();
  const all: { labels: Record<string, string>; cell: Cell }[] = [];

  function make(values: string[]): Cell {
    const cell = { value: 0 };
    all.push({
      labels: Object.fromEntries(labelNames.map((label, at) => [label, values[at] ?? ""])),
      cell,
    });
    return cell;
  }

  return {
    name,
    help,
    type: "counter",
    *samples() {
      for (const { labels, cell } of all) yield { labels, value: cell.value };
    },
    of(...values) {
      let level = root;
      for (let at = 0; at < values.length; at += 1) {
        const value = values[at] ?? "";
        let next = level.get(value);
        if (next === undefined) {
          next = at === values.length - 1 ? make(values) : new Map();
          level.set(value, next);
        }
        if (!(next instanceof Map)) return next;
        level = next;
      }
      throw new Error(
        `${name} has labels ${labelNames.join(", ")}, and ${values.length} values were given`,
      );
    },
  };
}

/** A counter without labels: a single cell. */
export function createCount(name: string, help: string): Family & Cell {
  const count: Family & Cell = {
    name,
    help,
    type: "counter",
    value: 0,
    samples: () => [{ value: count.value }],
  };
  return count;
}

/** A gauge, read at each scrape. It may give no samples. */
export function createGauge(name: string, help: string, samples: () => Iterable<Sample>): Family {
  return { name, help, type: "gauge", samples };
}
