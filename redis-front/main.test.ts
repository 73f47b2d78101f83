import { afterAll, expect, test } from "bun:test";
import { RedisClient } from "bun";
import { freePort, startPrivateRedis } from "../test/private/private-redis.ts";
import { TOKEN } from "../test/private/redis-front.ts";
import { eventually } from "../test/servers.ts";

const server = await startPrivateRedis();
const redis = new RedisClient(server.url);
afterAll(async () => {
  redis.close();
  await server.remove();
});

function run(settings: Record<string, string>) {
  return Bun.spawn([process.execPath, `${import.meta.dir}/main.ts`], {
    env: settings,
    stdout: "pipe",
    stderr: "pipe",
  });
}

const statusOf = (url: string) =>
  fetch(url).then(
    ({ status }) => status,
    () => undefined,
  );

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s lets the requests in flight finish, then exits 0",
  async (signal) => {
    const port = freePort();
    const url = `http://127.0.0.1:${port}`;
    const front = run({
      REDIS_HTTP_PORT: String(port),
      REDIS_HTTP_TOKEN: TOKEN,
      REDIS_URL: server.url,
    });
    await eventually("it is ready", async () => (await statusOf(`${url}/healthz`)) === 200);

    await redis.send("CLIENT", ["PAUSE", "10000", "WRITE"]);
    const inFlight = fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(["SET", "x", "y"]),
      // A connection of its own: on a reused connection fetch would try again by itself.
      keepalive: false,
    });
    await eventually("it is in flight", async () =>
      String(await redis.send("CLIENT", ["LIST"])).includes("cmd=set"),
    );
    front.kill(signal);
    await eventually("it takes no more", async () => (await statusOf(url)) === undefined);
    await redis.send("CLIENT", ["UNPAUSE"]);

    expect(await (await inFlight).json()).toEqual({ result: "OK" });
    expect(await front.exited).toBe(0);
  },
);

test("wrong settings are all named, without their values, and it exits 1", async () => {
  const front = run({
    REDIS_HTTP_PORT: "99999",
    REDIS_HTTP_TOKEN: "short",
    REDIS_URL: "http://secret",
  });
  const text = await new Response(front.stdout).text();
  expect(await front.exited).toBe(1);
  for (const name of ["REDIS_HTTP_PORT", "REDIS_HTTP_TOKEN", "REDIS_URL"])
    expect(text).toContain(name);
  expect(text).not.toContain("secret");
});

test("a port that is taken is said so, and it exits 1", async () => {
  const port = new URL(server.url).port;
  const front = run({ REDIS_HTTP_PORT: port, REDIS_HTTP_TOKEN: TOKEN, REDIS_URL: server.url });
  expect(await new Response(front.stdout).text()).toContain(port);
  expect(await front.exited).toBe(1);
});
