import { createApp } from "./app.ts";
import { readEdgeConfig } from "./config.ts";
import { openDeps } from "./deps.ts";

type App = ReturnType<typeof createApp>;

const apps = new WeakMap<object, App>();

/** The edge on Cloudflare Workers. The bindings are known with the first request; the app is built then, once per isolate. */
export default {
  fetch(request: Request, env: object, context: { waitUntil(work: Promise<unknown>): void }) {
    return appOf(env).fetch(request, { outlive: (work) => context.waitUntil(work) });
  },
};

function appOf(env: object): App {
  const known = apps.get(env);
  if (known) return known;
  const app = createApp(openDeps(readEdgeConfig(env)));
  apps.set(env, app);
  return app;
}
