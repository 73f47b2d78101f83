import type { PartName, PortName } from "./layout.ts";
import type { Plan } from "./plan.ts";
import type { Launch } from "./processes.ts";
import type { Trouble } from "./trouble.ts";

/** One process of a stack: how it starts, when it is ready, how long it may take to end. */
export interface Part {
  name: PartName;
  /** the listening ports of the block, the part's own first */
  ports: [PortName, ...PortName[]];
  /** parts and other steps that must be done before the start, by name */
  needs: string[];
  /** steps to wait for that may fail: the part is of use without them */
  after?: string[];
  /**
   * Writes the files of the part and gives its launch. Runs at every start, so it must be
   * repeatable.
   */
  prepare(plan: Plan, signal: AbortSignal): Launch | Promise<Launch>;
  /**
   * Why the part does not do its work now; undefined when it does. Takes about two seconds at most.
   * Never rejects.
   */
  probe(plan: Plan): Promise<Trouble | undefined>;
  /** Called after a start, once the part is ready. */
  onReady?(plan: Plan): void;
  /** How long the part may drain before it is killed, in milliseconds. */
  stopWithinMs: number;
}
