import type { Context } from "hono";
import type { Session } from "../contract/session.ts";

/** What a request carries on its way through the app. */
export interface EdgeEnv {
  Bindings: {
    /** who is connected, where the runtime tells it */
    socketAddress?: string | undefined;
  };
  Variables: {
    /** made at the edge for each request, told to the origin and to the client */
    requestId: string;
    /** the request's body, empty when it has none */
    body: Uint8Array<ArrayBuffer>;
    /** who asks; set behind requireSession only */
    session: Session;
  };
}

export type EdgeContext = Context<EdgeEnv>;
