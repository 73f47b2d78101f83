import type { FaultSystem } from "../system/system.ts";

/** A temporary fault. */
export interface Fault {
  /** in words: the fault and its target */
  what: string;
  /** the target; two faults of one schedule never share one */
  resource: string;
  /** Redis loses data */
  losesRedisData?: boolean;
  /** clients may be cut off meanwhile */
  breaksEdge?: boolean;
  /** Rejects if the fault cannot begin now, as when its target is already down. */
  begin(system: FaultSystem): Promise<void>;
  /**
   * Heals the fault, unless it heals by itself; the server may need a moment afterwards. Idempotent.
   */
  heal?(system: FaultSystem): Promise<void>;
}

/** A kind of fault, and how a schedule draws one. */
export interface FaultKind {
  name: string;
  /** how often it is drawn, relative to the others */
  weight: number;
  /** it ends a process */
  kills?: true;
  draw(random: () => number): Fault;
}

/** Draws an element of a non-empty list. */
export function pick<T>(random: () => number, from: readonly T[]): T {
  const [picked] = from.slice(Math.floor(random() * from.length));
  if (picked === undefined) throw new Error("there is nothing to pick from");
  return picked;
}

/**
 * Draws a number from `low` to below `high`, evenly on a logarithmic scale: every octave is equally
 * likely.
 */
export function spread(random: () => number, low: number, high: number): number {
  return Math.round(low * (high / low) ** random());
}
