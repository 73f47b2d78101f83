import type { BenchSystem } from "./system.ts";

/** Measures one side's operations per second over about `seconds`. */
export type Measure = (seconds: number) => Promise<number>;

/** Each side's operations per second. */
export interface Managed {
  ours: number;
  bare: number;
}

/** A stage of Lectern and its bare ceiling, ready for any number of measurements. */
interface Opened {
  /**
   * Runs both without counting until their runtimes have compiled the code, where the time before
   * the first round is too short for it.
   */
  warmUp?(): Promise<void>;
  close(): Promise<unknown>;
}

/** Measured alternately: each side needs the whole machine. */
export interface InTurn extends Opened {
  ours: Measure;
  bare: Measure;
}

/** Measured at the same time. */
export interface SideBySide extends Opened {
  both(seconds: number): Promise<Managed>;
}

export type Sides = InTurn | SideBySide;

/**
 * A part of the system's path, measured against the bare parts on the same machine in the same run.
 */
export interface Stage {
  /** the name in `npm run bench -- NAME` and in the kept figures */
  name: string;
  /** the bare side */
  ceiling: string;
  /** the bar: the least accepted share of the ceiling */
  atLeast: number;
  open(system: BenchSystem): Promise<Sides>;
}
