import type { nodeOperations } from "./operations.ts";

/**
 * Has ZooKeeper create a node and remove it, as every command does. Rejects with a ZooKeeperError.
 * The node is ephemeral, so nothing stays of a proof that was cut short.
 */
export async function proveZooKeeper({
  createEphemeral,
  remove,
}: Pick<ReturnType<typeof nodeOperations>, "createEphemeral" | "remove">): Promise<void> {
  const path = `/probe-${crypto.randomUUID()}`;
  await createEphemeral(path, Buffer.alloc(0));
  await remove(path);
}
