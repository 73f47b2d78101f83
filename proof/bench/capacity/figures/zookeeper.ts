const TIMEOUT_MS = 5_000;

/** ZooKeeper's own estimate of the bytes of its nodes' paths and data. */
export async function zooKeeperBytes(address: string): Promise<number> {
  const text = await fourLetters(address, "mntr");
  return Number(/^zk_approximate_data_size\s+(\d+)/m.exec(text)?.[1] ?? 0);
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
