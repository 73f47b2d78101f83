import { ROOT } from "../../../../stack/layout.ts";

/** Starts the bare front in its own process and waits until it listens. */
export async function startBare({ redisUrl, token }: { redisUrl: string; token: string }) {
  const listening = Promise.withResolvers<string>();
  const child = Bun.spawn([process.execPath, "proof/bench/stages/redis-front/bare.ts"], {
    cwd: ROOT,
    env: { REDIS_URL: redisUrl, TOKEN: token },
    stdio: ["ignore", "inherit", "inherit"],
    ipc: (url: string) => listening.resolve(url),
  });
  void child.exited.then((code) =>
    listening.reject(new Error(`the bare front ended with code ${code}`)),
  );
  return {
    url: await listening.promise,
    pid: child.pid,
    async close(): Promise<void> {
      child.kill();
      await child.exited;
    },
  };
}
