import type { Clients } from "./system/clients.ts";
import type { CapacitySystem } from "./system/system.ts";

/** The means of a measurement. */
export interface Bench {
  system: CapacitySystem;
  clients: Clients;
  /** shows one line of progress */
  tell: (line: string) => void;
}

/** A measurement of bounded time. The next one clears everything that it leaves. */
export interface Measurement<Result> {
  /** what is measured, in a few words */
  says: string;
  measure(bench: Bench): Promise<Result>;
}
