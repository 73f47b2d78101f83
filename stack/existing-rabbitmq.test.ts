import { afterAll, beforeAll, expect, test } from "bun:test";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAuthority } from "./authority-for-test.ts";
import { stopStack } from "./down.ts";
import { environmentOf } from "./environment.ts";
import { externalServers, externalStep } from "./external-servers.ts";
import { paths, ROOT } from "./layout.ts";
import { makePlan, type Plan } from "./plan.ts";
import { findFreePorts } from "./ports.ts";
import { epmd } from "./servers/epmd.ts";
import { rabbitmq } from "./servers/rabbitmq.ts";
import { NEVER, stackForTest } from "./stack-for-test.ts";
import { startPart } from "./start-part.ts";

/**
 * A foreign broker: without our plugin, with TLS by a private authority, with users of several
 * rights.
 */
let config: Awaited<ReturnType<typeof stackForTest>>;
let plan: Plan;
let authority: ReturnType<typeof makeAuthority>;
let tlsPort: number;

/** The rights that docs/existing-servers.md names. */
const OURS = "^(lectern\\..*|amq\\.default)$";

/** A broker starts slowly on a busy machine. */
const STARTS_WITHIN_MS = 300_000;

beforeAll(async () => {
  config = await stackForTest();
  plan = makePlan(config, { vhosts: ["closed"] });
  authority = makeAuthority(config.dir);
  tlsPort = await findFreePorts(1);
  const prepare = async (...given: Parameters<typeof rabbitmq.prepare>) => {
    const launch = await rabbitmq.prepare(...given);
    changeSettings(paths.data(config.dir, "rabbitmq"));
    return launch;
  };
  await startPart(plan, epmd, [], NEVER);
  await startPart(plan, { ...rabbitmq, prepare }, [], NEVER);
}, STARTS_WITHIN_MS);
afterAll(async () => {
  await stopStack(config.dir, { wipe: false, hurry: NEVER, quietly: true });
  config.remove();
}, STARTS_WITHIN_MS);

function changeSettings(home: string): void {
  const { ca, certificate, key } = authority;
  const at = (name: string) => join(home, name);
  writeFileSync(at("enabled_plugins"), "[].\n");
  const tls = { cacertfile: ca, certfile: certificate, keyfile: key };
  const lines = Object.entries(tls).map(([name, file]) => `ssl_options.${name} = ${file}`);
  appendFileSync(
    at("rabbitmq.conf"),
    [`listeners.ssl.1 = 127.0.0.1:${tlsPort}`, ...lines, ""].join("\n"),
  );
  const definitions = JSON.parse(readFileSync(at("definitions.json"), "utf8"));
  definitions.users.push({ ...definitions.users[0], name: "poor", tags: "" });
  definitions.users.push({ ...definitions.users[0], name: "enough", tags: "" });
  definitions.permissions = [
    { user: "lectern", vhost: "/", configure: ".*", write: ".*", read: ".*" },
    { user: "poor", vhost: "/", configure: "", write: "", read: "" },
    { user: "enough", vhost: "/", configure: OURS, write: OURS, read: OURS },
  ];
  writeFileSync(at("definitions.json"), JSON.stringify(definitions));
}

function brokerAt(change: (url: URL) => void) {
  const url = new URL(environmentOf(plan).RABBITMQ_URL);
  change(url);
  const [server] = externalServers({ ...plan, external: { rabbitmq: url.href } });
  if (!server) throw new Error("unreachable");
  return { url: url.href, server };
}

test.each<[string, (url: URL) => void, string]>([
  ["a broker without the plugin", () => {}, "rabbitmq_consistent_hash_exchange is not enabled"],
  ["a wrong password", (url) => (url.password = "wrong"), "user or password are wrong"],
  [
    "a virtual host that is missing",
    (url) => (url.pathname = "/none"),
    "its virtual host does not exist",
  ],
  [
    "a virtual host that is closed to the user",
    (url) => (url.pathname = "/closed"),
    "the user may not use it",
  ],
  [
    "a user without rights",
    (url) => (url.username = "poor"),
    "the user has not all the rights it needs: ACCESS_REFUSED",
  ],
  [
    "a broker without the plugin, to a user with no more rights than are needed",
    (url) => (url.username = "enough"),
    "rabbitmq_consistent_hash_exchange is not enabled",
  ],
  [
    "amqps where there is no TLS",
    (url) => (url.protocol = "amqps:"),
    "it does not speak TLS at that port",
  ],
  [
    "a certificate of an unknown authority",
    (url) => Object.assign(url, { protocol: "amqps:", port: String(tlsPort) }),
    "NODE_EXTRA_CA_CERTS names a file",
  ],
])("%s is said at once", async (_, change, why) => {
  const { server } = brokerAt(change);
  await expect(externalStep(server).run(NEVER)).rejects.toThrow(why);
  expect(await server.prepare()).toMatchObject({ isFinal: true });
});

test("a broker with a private authority lets in whoever names the authority", async () => {
  const { url } = brokerAt((url) =>
    Object.assign(url, { protocol: "amqps:", port: String(tlsPort) }),
  );
  const script = `
    const { probeRabbit } = await import("./stack/probes/rabbitmq.ts");
    console.log(JSON.stringify((await probeRabbit(${JSON.stringify(url)})) ?? "works"));
    process.exit();`;
  const env = { PATH: "/usr/bin:/bin", NODE_EXTRA_CA_CERTS: authority.ca };
  const child = Bun.spawn([process.execPath, "-e", script], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  expect(await new Response(child.stdout).text()).toBe('"works"\n');
});
