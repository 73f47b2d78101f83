import plugin from "@scalar/fastify-api-reference";

const SCRIPT = "/scalar.js";

/**
 * The browser's script of Scalar's reference: one file that needs no other. The plugin for Fastify
 * holds the script and serves it at an address of its own. It brings 14 packages;
 * @scalar/api-reference, which has the same file, brings 284.
 */
export async function scalarScript(): Promise<string> {
  const routes: Route[] = [];
  const server = { route: (route: Route) => routes.push(route), initialConfig: {} };
  const register = plugin as unknown as Register;
  await register(server, { configuration: { url: SCRIPT } }, () => {});
  const serve = routes.find(({ url }) => url.endsWith(SCRIPT));
  let sent: unknown;
  const reply = { header: () => reply, send: (body: unknown) => (sent = body) };
  serve?.handler({}, reply);
  if (typeof sent !== "string") throw new Error("Scalar's plugin serves its script otherwise");
  return sent;
}

interface Route {
  url: string;
  handler(request: object, reply: object): unknown;
}

type Register = (server: object, options: object, done: () => void) => unknown;
