import type { Deadline } from "./deadline.ts";

/** What a request carries on its way through the app. */
export interface OriginEnv {
  Bindings: {
    /** tells the gate that the request has come to it, by way of the door */
    arrived?: () => void;
  };
  Variables: {
    /** runs from the moment the request was taken up */
    deadline: Deadline;
  };
}
