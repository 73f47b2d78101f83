import { connect, createServer, type Socket } from "node:net";
import type { LinkFault } from "./link-fault.ts";
import { type Connection, openPipe, type Pipe } from "./pipe.ts";

export interface FaultProxyOptions {
  /** the listening port on the loopback interface; 0 takes a free port */
  port: number;
  /** the server's port on the loopback interface */
  targetPort: number;
  /** numbers from 0 to below 1, for the jitter and the choice of lost replies */
  random?: () => number;
  /** receives the server's first answer on every connection, as raw bytes */
  onFirstAnswer?: (bytes: Buffer) => void;
}

export type FaultProxy = Awaited<ReturnType<typeof startFaultProxy>>;

/**
 * Starts a TCP proxy in front of one server, whose faults change while connections pass through it.
 * Resolves when it listens.
 */
export async function startFaultProxy(options: FaultProxyOptions) {
  const { targetPort, random = Math.random } = options;
  const connections = new Map<Connection, Pipe[]>();
  let fault: LinkFault | undefined;
  const link = { faultNow: () => fault, random };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (fault?.kind === "reset") {
      client.on("error", () => {});
      client.resetAndDestroy();
    } else join(client);
  });

  function join(client: Socket): void {
    const upstream = connect({
      host: "127.0.0.1",
      port: targetPort,
      allowHalfOpen: true,
      noDelay: true,
    });
    const allowanceBytes = fault?.kind === "cut" ? fault.afterBytes : 0;
    const connection: Connection = { allowanceBytes, isPoisoned: false, reset };
    const pipes = [
      openPipe(link, connection, { from: client, to: upstream, direction: "up" }),
      openPipe(link, connection, { from: upstream, to: client, direction: "down" }),
    ];
    connections.set(connection, pipes);
    if (options.onFirstAnswer) upstream.once("data", options.onFirstAnswer);
    let open = 2;
    for (const socket of [client, upstream]) {
      socket.on("error", reset);
      socket.on("close", () => {
        open -= 1;
        if (open === 0) connections.delete(connection);
      });
    }

    function reset(): void {
      for (const pipe of pipes) pipe.close();
      for (const socket of [client, upstream]) if (!socket.destroyed) socket.resetAndDestroy();
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: options.port }, () => resolve());
  });
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("the fault proxy listens on no port");

  return {
    port: address.port,

    /** Replaces the link's fault from now on. */
    set(next: LinkFault): void {
      fault = next;
      for (const [connection, pipes] of connections) {
        if (next.kind === "cut") connection.allowanceBytes = next.afterBytes;
        if (next.kind === "reset") connection.reset();
        else for (const pipe of pipes) pipe.resume();
      }
    },

    /** Heals the link: halted bytes go on, and connections with lost bytes are reset. */
    heal(): void {
      fault = undefined;
      for (const [connection, pipes] of connections) {
        if (connection.isPoisoned) connection.reset();
        else for (const pipe of pipes) pipe.resume();
      }
    },

    /** The number of open connections. */
    connections: () => connections.size,

    /** Resets every connection and stops listening. */
    async close(): Promise<void> {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections.keys()) connection.reset();
      await closed;
    },
  };
}
