import type { Measured } from "./verdict.ts";

/** The measuring machine. */
export interface Machine {
  cpus: number;
  model: string;
  memoryGb: number;
  system: string;
}

/** The figures that later runs on such a machine are compared with, as `--keep` wrote them. */
export interface Kept {
  machine: Machine;
  date: string;
  stages: Measured[];
}
