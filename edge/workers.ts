import { createApp, type EdgeApp } from "./app.ts";
import { readEdgeConfig } from "./config.ts";
import { openDeps } from "./deps.ts";

/** What the runtime offers a request. */
interface Execution {
  waitUntil(work: Promise<unknown>): void;
}

const apps = new WeakMap<object, EdgeApp<Execution>>();

/**
 * The edge on Cloudflare Workers. The first request brings the bindings: the app is built then,
 * once per isolate.
 */
export default {
  fetch(request: Request, env: object, execution: Execution) {
    return appOf(env).fetch(request, execution);
  },
};

function appOf(env: object): EdgeApp<Execution> {
  const known = apps.get(env);
  if (known) return known;
  const app = createApp(openDeps(readEdgeConfig(env)), (execution: Execution) => ({
    outlive: (work) => execution.waitUntil(work),
  }));
  apps.set(env, app);
  return app;
}
