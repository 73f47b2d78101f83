import type { ProblemCode } from "../contract/problems.ts";
import type { KeptAnswer } from "./kept-answer.ts";
import type { Exchange } from "./round-trips.ts";

/**
 * A server's answer to a question. `refused`: there is nothing to read, which is kept too.
 * `failed`: no answer, or a refusal of this moment, named by its code; it is not kept.
 */
export type Heard =
  | { outcome: "kept"; answer: KeptAnswer; holds?: Holds | undefined }
  | { outcome: "refused"; code: ProblemCode }
  | { outcome: "failed"; code?: ProblemCode | undefined; error: unknown };

/** How far an answer holds while the catalogue's generation stays. */
export interface Holds {
  /** how long the clock leaves it as it is, in milliseconds */
  forMs: number;
  /** how far behind the catalogue it may be, in milliseconds */
  behindMs: number;
}

/**
 * Asks the server. `last` is the answer of before, which may be returned as it is. Commands to
 * Redis go through `exchange` once, in the first step: those of several questions travel together.
 */
export type Ask = (
  requestId: string,
  last: KeptAnswer | undefined,
  exchange: Exchange,
) => Promise<Heard>;

/** A question that all clients ask alike. */
export interface Question {
  /** the path below /api, with the query in its one spelling */
  key: string;
  /** the route with its method, and what it reads, as the metrics name them */
  route: string;
  of: "lectures" | "availability";
  ask: Ask;
  /** how old an answer may be while its server is away, in milliseconds; 0: never stale */
  staleForMs: number;
}

/** The request that asks. */
export interface Asker {
  requestId: string;
  /** has the runtime finish work although the client leaves */
  outlive: ((work: Promise<unknown>) => void) | undefined;
}
