import type { Context } from "hono";
import type { LectureId, Rid } from "../contract/ids.ts";
import type { ProblemCode } from "../contract/problems.ts";
import type { Session } from "../contract/session.ts";

/** The data of a request inside the app. */
export interface EdgeEnv {
  Bindings: {
    /** returns the connection's address, where the runtime knows it; most answers do without it */
    socketAddress?: () => string | undefined;
    /**
     * has the runtime finish the work although the client leaves; set where the runtime would drop
     * it
     */
    outlive?: (work: Promise<unknown>) => void;
    /** whether the client's side is HTTPS; set for every request through the app */
    isOverTls?: boolean;
  };
  Variables: {
    /** made at its first use: see requestIdOf */
    requestId: string | undefined;
    /** the request's body, empty without one; not set before it is read */
    body: Uint8Array<ArrayBuffer> | undefined;
    /**
     * the verified session; set everywhere behind requireSession, and wherever it was read before
     */
    session: Session;
    /** the longest wait for a decision, in milliseconds; not set without a wait */
    waitedMs: number | undefined;
    /** the code of a refusal */
    code: ProblemCode | undefined;
    /** the outcome of a claim, where it is traced */
    claim: { rid: Rid; lectureId: LectureId; outcome: string } | undefined;
  };
}

export type EdgeContext = Context<EdgeEnv>;

/** Answers a request. A wrapper takes a route's handler and returns another. */
export type Handler = (c: EdgeContext) => Response | Promise<Response>;
