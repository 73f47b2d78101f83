/** The values of the most recently used names: at least half of `max` names, at most `max`. */
export interface Recent<Value> {
  get(name: string): Value | undefined;
  set(name: string, value: Value): void;
}

/**
 * Remembers in two generations. A full young generation becomes the old one, and the old one is
 * dropped as a whole. Dropping one map's oldest entry per newcomer would leave gaps at its
 * beginning, which each next drop passes again.
 */
export function createRecent<Value>(max: number): Recent<Value> {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();

  function set(name: string, value: Value): void {
    if (young.size >= max / 2) {
      old = young;
      young = new Map();
    }
    young.set(name, value);
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
  };
}
