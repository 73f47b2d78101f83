import type { Clients } from "./system/clients.ts";
import type { CapacitySystem } from "./system/system.ts";

/** What a measurement works with. */
export interface Bench {
  system: CapacitySystem;
  clients: Clients;
  /** one line of progress */
  tell: (line: string) => void;
}

/** One measurement, bounded in time, that leaves nothing behind which the next one does not sweep away. */
export interface Measurement<Result> {
  /** what is measured, in a few words */
  says: string;
  measure(bench: Bench): Promise<Result>;
}
