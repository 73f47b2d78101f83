import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../servers.ts";
import { freeze } from "./freeze.ts";

/** A test's own redis-server on a free port. It keeps its data over a restart. */
export interface PrivateRedis {
  url: string;
  /** the directory of its data */
  directory: string;
  start(): Promise<void>;
  /** Ends the server with SIGKILL. */
  kill(): Promise<void>;
  /** Keeps the server from answering while its connections stay open. */
  freeze(): void;
  thaw(): void;
  /** Ends the server and removes its data. */
  remove(): Promise<void>;
}

/**
 * Starts a redis-server and waits until it listens. `settings` are arguments, such as
 * `["--requirepass", "x"]`.
 */
export async function startPrivateRedis(settings: string[] = []): Promise<PrivateRedis> {
  const directory = await mkdtemp(join(tmpdir(), "redis-http-test-"));
  const port = freePort();
  let server: Bun.Subprocess | undefined;

  async function start() {
    const place = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory];
    const durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
    server = Bun.spawn(["redis-server", ...place, ...durable, ...settings], { stdout: "ignore" });
    await eventually("redis-server listens", () => isListening(port));
  }

  async function kill() {
    server?.kill("SIGKILL");
    await server?.exited;
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    directory,
    start,
    kill,
    freeze: () => server && freeze(server),
    thaw: () => server?.kill("SIGCONT"),
    async remove() {
      await kill();
      await rm(directory, { recursive: true });
    },
  };
}

/** A port that nothing listens on. */
export function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  listener.stop(true);
  return listener.port;
}

async function isListening(port: number): Promise<boolean> {
  const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } }).catch(
    () => undefined,
  );
  socket?.end();
  return socket !== undefined;
}
