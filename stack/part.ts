import type { PartName, PortName } from "./layout.ts";
import type { Plan } from "./plan.ts";
import type { Launch } from "./processes.ts";
import type { Trouble } from "./trouble.ts";

/** One process of a stack: how it is started, when it is ready, how long it may take to end. */
export interface Part {
  name: PartName;
  /** the ports of the block it listens on, its own first */
  ports: [PortName, ...PortName[]];
  /** what has to be done before it is started: names of parts and of other steps */
  needs: string[];
  /** what is waited for besides, and may have failed: it is of use without */
  after?: string[];
  /** Writes the files it needs and says how to start it. Called at every start, so it must bear repetition. */
  prepare(plan: Plan, signal: AbortSignal): Launch | Promise<Launch>;
  /** Why it does not do its work now; undefined when it does. Bounded to some two seconds, never rejects. */
  probe(plan: Plan): Promise<Trouble | undefined>;
  /** Called after a start, once it is ready. */
  onReady?(plan: Plan): void;
  /** How long it may take to drain before it is killed, in milliseconds. */
  stopWithinMs: number;
}
