import { connect, createServer, type Socket } from "node:net";

/** A wire to a server that a test can break. */
export interface Wire {
  url: string;
  /** Stops passing bytes in either direction, and closes nothing. */
  stall(): void;
  /** Resets every connection. New ones are refused until `mend`. */
  cut(): void;
  /** Passes everything again, including the stalled bytes. */
  mend(): void;
  close(): Promise<void>;
}

/** Opens a wire to the server of the URL. The wire's own URL differs in host and port only. */
export async function openWire(url: string): Promise<Wire> {
  const target = new URL(url);
  const pairs = new Set<[Socket, Socket]>();
  let state: "open" | "stalled" | "cut" = "open";

  const server = createServer((near) => {
    if (state === "cut") {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port || 5672), target.hostname);
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    join(near, far, pair);
    join(far, near, pair);
  });

  function join(from: Socket, to: Socket, pair: [Socket, Socket]): void {
    from.on("data", (bytes) => to.write(bytes));
    from.on("error", () => {});
    from.on("close", () => state !== "stalled" && end(pair));
    if (state === "stalled") from.pause();
  }

  function end(pair: [Socket, Socket]): void {
    pairs.delete(pair);
    for (const socket of pair) socket.destroy();
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const own = new URL(url);
  own.hostname = "127.0.0.1";
  own.port = String(address && typeof address === "object" ? address.port : 0);

  function cut(): void {
    state = "cut";
    for (const pair of pairs) end(pair);
  }

  return {
    url: own.href,
    stall() {
      state = "stalled";
      for (const socket of [...pairs].flat()) socket.pause();
    },
    cut,
    mend() {
      state = "open";
      for (const pair of pairs) {
        if (pair.some((socket) => socket.destroyed)) end(pair);
        else for (const socket of pair) socket.resume();
      }
    },
    async close() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
