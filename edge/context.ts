import type { Context } from "hono";
import type { LectureId, Rid } from "../contract/ids.ts";
import type { ProblemCode } from "../contract/problems.ts";
import type { Session } from "../contract/session.ts";

/** What a request carries on its way through the app. */
export interface EdgeEnv {
  Bindings: {
    /** tells who is connected, where the runtime knows it; most requests are answered without that */
    socketAddress?: () => string | undefined;
    /** has the runtime finish this although the client may leave, where it would not by itself */
    outlive?: (work: Promise<unknown>) => void;
    /** whether the client's side is HTTPS; set for whatever comes through the app */
    isOverTls?: boolean;
  };
  Variables: {
    /** made when it is first asked for: see requestIdOf */
    requestId: string | undefined;
    /** the request's body, empty when it has none; not set before it was read */
    body: Uint8Array<ArrayBuffer> | undefined;
    /** who asks; set where that was asked before, and everywhere behind requireSession */
    session: Session;
    /** how long was waited for a decision at most, in milliseconds; not set where it was not */
    waitedMs: number | undefined;
    /** of a refusal */
    code: ProblemCode | undefined;
    /** what became of a claim, where it is traced */
    claim: { rid: Rid; lectureId: LectureId; outcome: string } | undefined;
  };
}

export type EdgeContext = Context<EdgeEnv>;

/** Answers a request. What stands around a route takes its handler and gives another. */
export type Handler = (c: EdgeContext) => Response | Promise<Response>;
