import type { ProblemCode } from "../contract/problems.ts";
import type { Deadline } from "./deadline.ts";
import type { RequestTrace } from "./request-trace.ts";

/** The data of a request on its way through the app. */
export interface OriginEnv {
  Bindings: {
    /** reports that the request, let in by the door, has come to its gate */
    arrived?: () => void;
  };
  Variables: {
    /** runs from the start of the request */
    deadline: Deadline;
    /** the request's ids in logs and traces; set after the check of the signature */
    trace: RequestTrace;
    /** the code of a refusal */
    code?: ProblemCode;
  };
}
