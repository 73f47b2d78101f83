import type { BenchSystem } from "./system.ts";

/** How many operations a second one side managed, over about `seconds`. */
export type Measure = (seconds: number) => Promise<number>;

/** A stage of ours and the bare ceiling beside it, both ready to be measured, as often as one likes. */
export interface Sides {
  ours: Measure;
  bare: Measure;
  /** how long a side is measured at a time, in seconds, where its round is divided; the shorter, the more alike the machine that both meet */
  turnSeconds?: number;
  close(): Promise<void>;
}

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
