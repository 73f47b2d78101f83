/** One figure of a family: what a counter, a gauge or a part of a histogram says when it is asked. */
export interface Sample {
  /** what is written behind the family's name: only histograms have parts */
  part?: "_bucket" | "_sum" | "_count";
  labels?: Readonly<Record<string, string>>;
  value: number;
}

/** Metrics of one name, as Prometheus knows them. */
export interface Family {
  /** of small letters, digits and `_`; begins with `lectern_`, ends with its unit, and a counter with `_total` */
  name: string;
  help: string;
  type: "counter" | "gauge" | "histogram";
  samples(): Iterable<Sample>;
}

/** Where a number stands: whoever counts adds to it, and nothing else happens. */
export interface Cell {
  value: number;
}

export interface Counter extends Family {
  /**
   * The cell of these labels' values, in the order of their names, made where there is none yet. Values must come from the code and never
   * from a client, since what was made once stays.
   */
  of(...values: string[]): Cell;
}

type Level = Map<string, Level | Cell>;

/** A counter with a cell for each combination of its labels' values. */
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

/** A gauge, read when it is asked for; it says nothing where there is nothing to say. */
export function createGauge(name: string, help: string, samples: () => Iterable<Sample>): Family {
  return { name, help, type: "gauge", samples };
}
