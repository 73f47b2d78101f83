/** One answer as received. `status` 0: the connection was lost. */
export interface Answer {
  status: number;
  body: string;
}

/** A fixed number of connections, each with one request at a time. */
export interface Connections {
  /** Sends on a free connection; returns false without one. */
  send(request: string, onAnswer: (answer: Answer) => void): boolean;
  free(): number;
  close(): void;
}

interface Connection {
  socket: Awaited<ReturnType<typeof Bun.connect>> | undefined;
  received: string;
  onAnswer: ((answer: Answer) => void) | undefined;
}

/**
 * Opens keep-alive connections to an HTTP server on bare sockets. `fetch` costs the generator
 * several times more per request, and generator and server share the machine.
 */
export async function openConnections(port: number, count: number): Promise<Connections> {
  const free: Connection[] = [];
  const all: Connection[] = [];
  let isClosed = false;

  async function open(connection: Connection): Promise<void> {
    connection.received = "";
    connection.socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        data: (_, bytes) => receive(connection, bytes.toString("latin1")),
        close: () => lose(connection),
        error: () => {},
      },
    });
    free.push(connection);
  }

  function receive(connection: Connection, text: string): void {
    connection.received += text;
    const answer = answerIn(connection.received);
    if (!answer) return;
    connection.received = "";
    const { onAnswer } = connection;
    connection.onAnswer = undefined;
    free.push(connection);
    onAnswer?.(answer);
  }

  function lose(connection: Connection): void {
    if (isClosed) return;
    const { onAnswer } = connection;
    connection.onAnswer = undefined;
    const at = free.indexOf(connection);
    if (at >= 0) free.splice(at, 1);
    onAnswer?.({ status: 0, body: "" });
    void open(connection).catch(() => {});
  }

  for (let at = 0; at < count; at += 1) {
    const connection: Connection = { socket: undefined, received: "", onAnswer: undefined };
    all.push(connection);
    await open(connection);
  }

  return {
    send(request, onAnswer) {
      const connection = free.pop();
      if (!connection) return false;
      connection.onAnswer = onAnswer;
      connection.socket?.write(request);
      return true;
    },
    free: () => free.length,
    close() {
      isClosed = true;
      for (const { socket } of all) socket?.end();
    },
  };
}

/** The received answer of a connection, once complete. */
function answerIn(text: string): Answer | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const length = Number(/content-length: *(\d+)/i.exec(text.slice(0, headEnd))?.[1] ?? 0);
  const body = text.slice(headEnd + 4);
  if (body.length < length) return undefined;
  return { status: Number(text.slice(9, 12)), body };
}
