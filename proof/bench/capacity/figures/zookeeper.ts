/** ZooKeeper's number of nodes, and its own estimate of the bytes of their paths and data. */
export interface ZooKeeperSize {
  nodes: number;
  bytes: number;
}

const TIMEOUT_MS = 5_000;

export async function zooKeeperSize(address: string): Promise<ZooKeeperSize> {
  const text = await fourLetters(address, "mntr");
  const field = (name: string) =>
    Number(new RegExp(`^${name}\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
  return { nodes: field("zk_znode_count"), bytes: field("zk_approximate_data_size") };
}

/** Sends one of ZooKeeper's four-letter words. Its answer ends with the connection. */
async function fourLetters(address: string, word: string): Promise<string> {
  const [hostname = "", port = ""] = address.split(":");
  const answer = Promise.withResolvers<string>();
  const timer = setTimeout(
    () => answer.reject(new Error("ZooKeeper does not tell its size")),
    TIMEOUT_MS,
  );
  let text = "";
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: (_, bytes) => {
        text += bytes.toString("latin1");
      },
      close: () => answer.resolve(text),
      error: (_, error) => answer.reject(error),
    },
  });
  try {
    socket.write(word);
    return await answer.promise;
  } finally {
    clearTimeout(timer);
    socket.end();
  }
}
