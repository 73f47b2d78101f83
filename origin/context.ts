import type { ProblemCode } from "../contract/problems.ts";
import type { Deadline } from "./deadline.ts";
import type { RequestTrace } from "./request-trace.ts";

/** What a request carries on its way through the app. */
export interface OriginEnv {
  Bindings: {
    /** tells the gate that the request has come to it, by way of the door */
    arrived?: () => void;
  };
  Variables: {
    /** runs from the moment the request was taken up */
    deadline: Deadline;
    /** by what it is found in logs and traces; set behind the check of the signature */
    trace: RequestTrace;
    /** of a refusal */
    code?: ProblemCode;
  };
}
