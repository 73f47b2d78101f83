import type { UnitName } from "../system/links.ts";
import type { FaultSystem } from "../system/system.ts";

/** Something that goes wrong for a while. */
export interface Fault {
  /** in words: what happens to what */
  what: string;
  /** what it touches; two faults of one schedule never touch the same */
  resource: string;
  /** Redis forgets what it has been told */
  losesRedisData?: boolean;
  /** clients may be cut off meanwhile */
  breaksEdge?: boolean;
  /** Rejects when it cannot be done now, as when what it touches is down for another reason. */
  begin(system: FaultSystem): Promise<void>;
  /** Makes it good again; the server may need a moment after that. Bears repetition. */
  heal(system: FaultSystem): Promise<void>;
}

/** A kind of fault, and how a schedule comes by one. */
export interface FaultKind {
  name: string;
  /** how often it is drawn, against the others */
  weight: number;
  /** a process ends by it */
  kills: boolean;
  draw(random: () => number): Fault;
}

/** One of a list that is not empty. */
export function pick<T>(random: () => number, from: readonly T[]): T {
  const [picked] = from.slice(Math.floor(random() * from.length));
  if (picked === undefined) throw new Error("there is nothing to pick from");
  return picked;
}

/** A number from `low` to below `high`; large ones come less often, by the same factor in every octave. */
export function spread(random: () => number, low: number, high: number): number {
  return Math.round(low * (high / low) ** random());
}

export const services: readonly UnitName[] = [
  "redis-http",
  "origin",
  "worker-1",
  "worker-2",
  "edge",
];
export const servers: readonly UnitName[] = ["redis", "rabbitmq", "mysql", "zookeeper"];
