import { afterAll, beforeAll, describe, expect } from "bun:test";
import { type EdgeAlone, startEdgeAlone, tokenFor } from "./edge-alone.ts";
import { type Runtime, runtimes, type ServedEdge, serveEdge } from "./edge-runtimes.ts";

/** A served edge, with the real Redis and the stub origin behind it. */
export interface EdgeOnRuntime {
  runtime: Runtime;
  alone: EdgeAlone;
  /** the edge's address; known once the tests run */
  url: () => string;
  /** Sends a request with the user's token. */
  send(method: string, path: string, userId: string, init?: RequestInit): Promise<Response>;
}

/**
 * Runs tests against the edge on each runtime. The edge takes 60 requests at once, trusts
 * `X-Forwarded-Proto` and lists the origin https://seats.example. At the end it must stop by
 * itself.
 */
export function onEachRuntime(tests: (edge: EdgeOnRuntime) => void): void {
  const alone = startEdgeAlone();
  afterAll(() => alone.close());

  describe.each(runtimes)("on %s", (runtime) => {
    let served: ServedEdge;
    beforeAll(async () => {
      served = await serveEdge(runtime, {
        ...alone.env,
        IN_FLIGHT_MAX: "60",
        CLIENT_PROTO_HEADER: "X-Forwarded-Proto",
        CORS_ORIGINS: "https://seats.example",
      });
    });
    afterAll(async () => {
      expect(await served.close()).toBe(0);
    });

    tests({
      runtime,
      alone,
      url: () => served.url,
      async send(method, path, userId, init = {}) {
        const Authorization = `Bearer ${await tokenFor(userId, alone.env.SESSION_KEYS)}`;
        const headers = { Authorization, ...init.headers };
        return fetch(served.url + path, { ...init, method, headers });
      },
    });
  });
}
