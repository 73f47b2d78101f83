import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freeze } from "./freeze.ts";

/**
 * A test's own ZooKeeper server, to stop, kill and start again. Its data outlives a kill. `await
 * using` disposes of it, also when the test fails early.
 */
export interface PrivateZooKeeper extends AsyncDisposable {
  address: string;
  /**
   * Starts the server and gives its address. `elsewhere` uses another port, which clients of the
   * usual address do not find.
   */
  start(elsewhere?: boolean): Promise<string>;
  /** Silences the server without closing a connection. */
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  /** Kills the server and removes its data. */
  dispose(): Promise<void>;
}

const CLASS_PATH = "/etc/zookeeper/conf:/usr/share/java/zookeeper.jar";
const MAIN_CLASS = "org.apache.zookeeper.server.quorum.QuorumPeerMain";

/** Makes the server's directory and picks its port. The server does not run yet. */
export async function privateZooKeeper(): Promise<PrivateZooKeeper> {
  const directory = await mkdtemp(join(tmpdir(), "lectern-zookeeper-"));
  const ownPort = await freePort();
  let server: Bun.Subprocess | undefined;

  async function start(elsewhere = false): Promise<string> {
    const port = elsewhere ? await freePort() : ownPort;
    const settings = [
      "tickTime=500",
      `dataDir=${join(directory, "data")}`,
      `clientPort=${port}`,
      "clientPortAddress=127.0.0.1",
      "admin.enableServer=false",
    ];
    const file = join(directory, "zoo.cfg");
    await writeFile(file, settings.join("\n"));
    server = Bun.spawn(
      ["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", CLASS_PATH, MAIN_CLASS, file],
      {
        stdio: ["ignore", "ignore", "ignore"],
      },
    );
    return `127.0.0.1:${port}`;
  }

  async function kill(): Promise<void> {
    server?.kill("SIGKILL");
    await server?.exited;
    server = undefined;
  }

  async function dispose(): Promise<void> {
    await kill();
    await rm(directory, { recursive: true, force: true });
  }

  return {
    address: `127.0.0.1:${ownPort}`,
    start,
    freeze: () => server && freeze(server),
    thaw: () => server?.kill("SIGCONT"),
    kill,
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(address),
      );
    });
  });
}
