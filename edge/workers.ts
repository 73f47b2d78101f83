import { createApp, type EdgeApp } from "./app.ts";
import type { AssetBody } from "./assets.ts";
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
  const app = createApp(
    openDeps(readEdgeConfig(env), { readAsset: assetReader(env) }),
    (execution: Execution) => ({
      outlive: (work) => execution.waitUntil(work),
    }),
  );
  apps.set(env, app);
  return app;
}

/** A binding that answers requests. */
interface Fetcher {
  fetch(url: string): Promise<Response>;
}

/**
 * Reads the files of pages through the binding ASSETS: Workers' own files, or a directory of
 * workerd. Undefined without the binding.
 */
function assetReader(env: { ASSETS?: Fetcher }) {
  const { ASSETS } = env;
  if (!ASSETS) return undefined;
  return async (name: string): Promise<AssetBody | undefined> => {
    const answer = await ASSETS.fetch(`https://assets/${name}`);
    if (answer.ok) return answer.body ?? new Uint8Array();
    await answer.body?.cancel();
    if (answer.status === 404) return undefined;
    throw new Error(`the files of pages answered with status ${answer.status}`);
  };
}
