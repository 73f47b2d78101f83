import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { stopStack } from "./down.ts";
import { externalServers, externalStep } from "./external-servers.ts";
import { portOf } from "./layout.ts";
import { makePlan, type Plan } from "./plan.ts";
import { redis } from "./servers/redis.ts";
import { redisHttp } from "./services/redis-http.ts";
import { NEVER, stackForTest } from "./stack-for-test.ts";
import { startPart } from "./start-part.ts";
import { passing } from "./trouble.ts";

/** A foreign front, on a Redis whose user may only read. */
let config: Awaited<ReturnType<typeof stackForTest>>;
let plan: Plan;
beforeAll(async () => {
  config = await stackForTest();
  plan = makePlan(config);
  const port = portOf(plan.basePort, "redis");
  await startPart(plan, redis, [], NEVER);
  await say(port, "ACL SETUSER reader on >pw ~* +@read +@connection");
  const prepare = async (...given: Parameters<typeof redisHttp.prepare>) => {
    const launch = await redisHttp.prepare(...given);
    launch.env["REDIS_URL"] = `redis://reader:pw@127.0.0.1:${port}`;
    return launch;
  };
  const probe = async () => ((await ping()) ? undefined : passing("it does not listen yet"));
  await startPart(plan, { ...redisHttp, prepare, probe }, [], NEVER);
});
afterAll(async () => {
  await stopStack(config.dir, { wipe: false, hurry: NEVER, quietly: true });
  config.remove();
});

const fronts: { stop(force: boolean): unknown }[] = [];
afterEach(async () => {
  for (const front of fronts.splice(0)) await front.stop(true);
});

async function say(port: number, command: string): Promise<void> {
  const answered = Promise.withResolvers<string>();
  const data = (_: unknown, chunk: Buffer) => answered.resolve(chunk.toString());
  const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data } });
  socket.write(`${command}\r\n`);
  expect(await answered.promise).toStartWith("+OK");
  socket.end();
}

function ownFront() {
  return {
    url: `http://127.0.0.1:${portOf(plan.basePort, "redis-http")}`,
    token: plan.secrets.redisHttpToken,
  };
}

async function ping(): Promise<boolean> {
  const { url, token } = ownFront();
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(url, { method: "POST", headers, body: '["PING"]' }).catch(
    () => undefined,
  );
  return answer?.ok ?? false;
}

/** A front that answers PING, and `other` to everything else. */
function frontThatAnswers(other: () => Response) {
  const front = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) =>
      new URL(request.url).pathname === "/" ? Response.json({ result: "PONG" }) : other(),
  });
  fronts.push(front);
  return { url: front.url.href, token: "any" };
}

test.each<[string, () => { url: string; token: string }, string]>([
  ["a user who may only read", ownFront, "NOPERM"],
  ["a wrong token", () => ({ ...ownFront(), token: "wrong" }), "the token is not taken"],
  [
    "a front without /pipeline",
    () => frontThatAnswers(() => new Response("no such page", { status: 404 })),
    "it answers 404 to POST /pipeline: it is no front as Upstash's is",
  ],
  [
    "an address that leads elsewhere",
    () => frontThatAnswers(() => Response.redirect("https://elsewhere.example.invalid", 308)),
    "the address leads elsewhere",
  ],
  [
    "a web server of another kind",
    () => frontThatAnswers(() => new Response("<html>")),
    "it answers no JSON: it is no front as Upstash's is",
  ],
])("%s is said at once", async (_, front, why) => {
  const [server] = externalServers({ ...plan, external: { redis: front() } });
  if (!server) throw new Error("unreachable");
  await expect(externalStep(server).run(NEVER)).rejects.toThrow(why);
});
