import { connectOnce } from "../../pending/connection.ts";
import { nodeOperations } from "../../pending/operations.ts";
import { proveZooKeeper } from "../../pending/prove.ts";
import { ZooKeeperError } from "../../pending/zookeeper-error.ts";
import { final, passing, type Trouble } from "../trouble.ts";
import { PROBE_WITHIN_MS, saying, troubleOfConnecting } from "./connecting.ts";

const NO_AUTH = -102;
const INVALID_ACL = -114;

/**
 * Whether one of the servers of `host:port,host:port[/chroot]` lets us create and remove a node.
 * Makes a missing chroot.
 */
export async function probeZooKeeper(address: string): Promise<Trouble | undefined> {
  const slash = `${address}/`.indexOf("/");
  const servers = address.slice(0, slash);
  return (await troubleOnTheWay(servers)) ?? (await probeNodes(servers, address.slice(slash)));
}

/** Why none of the servers can be reached: the library does not say. */
async function troubleOnTheWay(servers: string): Promise<Trouble | undefined> {
  const addresses = servers.split(",").map((server) => server.split(":"));
  const troubles = await Promise.all(
    addresses.map(([host = "", port = ""]) => troubleOfConnecting(host, Number(port))),
  );
  return troubles.every((trouble) => trouble !== undefined) ? troubles[0] : undefined;
}

async function probeNodes(servers: string, chroot: string): Promise<Trouble | undefined> {
  const names = chroot.split("/").filter((name) => name !== "");
  try {
    const connection = await connectOnce({
      servers,
      sessionTimeoutMs: 4_000,
      operationTimeoutMs: PROBE_WITHIN_MS,
      maxInFlight: 1,
      maxOperations: 1_000,
    });
    try {
      const { create } = nodeOperations(connection.run, "");
      for (const depth of names.keys()) await create(`/${names.slice(0, depth + 1).join("/")}`);
      await proveZooKeeper(
        nodeOperations(connection.run, names.map((name) => `/${name}`).join("")),
      );
      return undefined;
    } finally {
      await connection.end();
    }
  } catch (error) {
    return troubleOf(error);
  }
}

function troubleOf(error: unknown): Trouble {
  if (!(error instanceof ZooKeeperError)) return passing(saying(error));
  if (error.kind === "unavailable") return passing("it begins no session with us");
  const isForbidden = error.code === NO_AUTH || error.code === INVALID_ACL;
  return isForbidden ? final("it does not let us create nodes there") : passing(saying(error));
}
