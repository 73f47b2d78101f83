import type { BenchSystem } from "./system.ts";

/** How many operations a second one side managed, over about `seconds`. */
export type Measure = (seconds: number) => Promise<number>;

/** How many operations a second each side managed. */
export interface Managed {
  ours: number;
  bare: number;
}

/** A stage of ours and the bare ceiling beside it, ready to be measured as often as one likes, one after the other: each needs the whole machine. */
export interface InTurn {
  ours: Measure;
  bare: Measure;
  /** Runs both for nothing for as long as their runtimes are still compiling what runs, where a round is not enough. */
  warmUp?(): Promise<void>;
  close(): Promise<void>;
}

/** The same, where both are measured at the same time. */
export interface SideBySide {
  both(seconds: number): Promise<Managed>;
  /** Runs both for nothing for as long as their runtimes are still compiling what runs, where some seconds are not enough. */
  warmUp?(): Promise<void>;
  close(): Promise<void>;
}

export type Sides = InTurn | SideBySide;

/** A part of the system's way that is measured against what the bare parts can do on the same machine in the same run. */
export interface Stage {
  /** as `npm run bench -- NAME` and the kept figures call it */
  name: string;
  /** what is measured beside it */
  ceiling: string;
  /** the least share of the ceiling that is good enough */
  atLeast: number;
  open(system: BenchSystem): Promise<Sides>;
}
