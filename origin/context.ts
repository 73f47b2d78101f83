import type { Deadline } from "./deadline.ts";

/** What a request carries on its way through the app. */
export interface OriginEnv {
  Variables: {
    /** runs from the moment the request was taken up */
    deadline: Deadline;
  };
}
