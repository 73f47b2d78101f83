import type { BenchSystem } from "../system.ts";
import type { Clients } from "./clients.ts";

/** The means of a measurement. */
export interface Bench {
  system: BenchSystem;
  clients: Clients;
  /** shows one line of progress */
  tell: (line: string) => void;
}

/** Measures in bounded time. The next measurement clears everything that it leaves. */
export type Measurement<Result> = (bench: Bench) => Promise<Result>;
