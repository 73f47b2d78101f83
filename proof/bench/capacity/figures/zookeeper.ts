import { connect } from "node:net";
import { text } from "node:stream/consumers";

const TIMEOUT_MS = 5_000;

/** ZooKeeper's own estimate of the bytes of its nodes' paths and data. */
export async function zooKeeperBytes(address: string): Promise<number> {
  const [host, port] = address.split(":");
  const socket = connect({ host, port: Number(port) });
  const late = () => socket.destroy(new Error("ZooKeeper does not tell its size"));
  socket.setTimeout(TIMEOUT_MS, late);
  // The answer to the four-letter word ends with the connection.
  socket.write("mntr");
  return Number(/^zk_approximate_data_size\s+(\d+)/m.exec(await text(socket))?.[1] ?? 0);
}
