/** The values of the names used lately: at least half of `max` of them, at most all. */
export interface Recent<Value> {
  get(name: string): Value | undefined;
  set(name: string, value: Value): void;
}

/**
 * Remembers in two generations: when the young one is full it becomes the old one, and the old one is forgotten as a whole. To drop the oldest of
 * one map for each newcomer would leave gaps at its beginning, which are gone through again for every next one.
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
