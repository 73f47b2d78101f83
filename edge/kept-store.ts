/** Values by name, bounded in number and weight; values not used recently go first. */
export interface KeptStore<Value> {
  get(name: string): Value | undefined;
  set(name: string, value: Value): void;
  delete(name: string): void;
}

export interface StoreBounds<Value> {
  /** the largest number of values */
  valuesMax: number;
  /** the largest weight of all values; a value above an eighth of it is not kept */
  weightMax: number;
  weightOf(value: Value): number;
}

/**
 * Keeps values in two generations, as `createRecent` does, each with half of both bounds. A client
 * that invents names drives out the names that nobody else uses.
 */
export function createKeptStore<Value>({
  valuesMax,
  weightMax,
  weightOf,
}: StoreBounds<Value>): KeptStore<Value> {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  let youngWeight = 0;

  function set(name: string, value: Value): void {
    remove(name);
    const weight = weightOf(value);
    if (weight > weightMax / 8) return;
    if (young.size >= valuesMax / 2 || youngWeight + weight > weightMax / 2) {
      old = young;
      young = new Map();
      youngWeight = 0;
    }
    young.set(name, value);
    youngWeight += weight;
  }

  function remove(name: string): void {
    const before = young.get(name);
    if (before !== undefined) youngWeight -= weightOf(before);
    young.delete(name);
    old.delete(name);
  }

  return {
    get(name) {
      const value = young.get(name);
      if (value !== undefined) return value;
      const older = old.get(name);
      if (older !== undefined) set(name, older);
      return older;
    },
    set,
    delete: remove,
  };
}
