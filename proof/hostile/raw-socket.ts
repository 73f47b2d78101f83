import { connect, type Socket } from "node:net";

/** A connection that sends given text byte for byte. */
export interface RawConnection {
  socket: Socket;
  /** resolves when the other side has ended the connection */
  ended: Promise<void>;
  /** @param text one character a byte */
  write(text: string): void;
  /** Sends the same text again and again, until the connection is closed. */
  trickle(text: string, everyMs: number): void;
  /**
   * The first answer, once it is complete or the connection has ended.
   *
   * @param hasNoBody for an answer to HEAD
   */
  answer(hasNoBody?: boolean): Promise<RawAnswer>;
}

const open = new Set<Socket>();

/** Closes all connections of this process that are still open. */
export function closeConnections(): void {
  for (const socket of open) socket.destroy();
}

/**
 * Connects to the host and port of a URL, from a given local address if any. Rejects if refused.
 */
export function connectRaw(url: string, localAddress?: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const over = Promise.withResolvers<void>();
    let text = "";
    const socket = connect({
      host: hostname,
      port: Number(port),
      allowHalfOpen: true,
      ...(localAddress && { localAddress }),
    });
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
    });
    socket.on("error", (error) => {
      reject(error);
      over.resolve();
    });
    for (const event of ["end", "close"]) socket.on(event, () => over.resolve());
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    const write = (bytes: string) => void (socket.writable && socket.write(bytes, "latin1"));
    const answer = async (hasNoBody = false) => {
      const complete = Promise.withResolvers<void>();
      const look = () => isComplete(text, hasNoBody) && complete.resolve();
      socket.on("data", look);
      look();
      await Promise.race([complete.promise, over.promise]);
      return readAnswer(text);
    };
    socket.on("connect", () =>
      resolve({
        socket,
        ended: over.promise,
        write,
        trickle(bytes, everyMs) {
          const timer = setInterval(() => write(bytes), everyMs);
          socket.once("close", () => clearInterval(timer));
        },
        answer,
      }),
    );
  });
}

/**
 * A server's answer to these bytes: everything until the connection ends, or until the first answer
 * is complete.
 */
export async function exchange(
  url: string,
  bytes: string,
  withinMs = 30_000,
  localAddress?: string,
): Promise<RawAnswer> {
  const connection = await connectRaw(url, localAddress);
  const late = setTimeout(() => connection.socket.destroy(), withinMs);
  connection.write(bytes);
  const answer = await connection.answer(bytes.startsWith("HEAD "));
  clearTimeout(late);
  connection.socket.destroy();
  return answer;
}

export interface RawAnswer {
  /** 0 if nothing readable came back */
  status: number;
  headers: Headers;
  body: string;
}

/** Reads the first answer from received text. */
function readAnswer(received: string): RawAnswer {
  const [head = "", ...rest] = received.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1] ?? 0);
  return { status, headers, body: rest.join("\r\n\r\n") };
}

/** Says whether the first answer is complete. Answers to HEAD, 204 and 304 have no body. */
function isComplete(received: string, hasNoBody: boolean): boolean {
  if (!received.includes("\r\n\r\n")) return false;
  const { status, headers, body } = readAnswer(received);
  if (hasNoBody || status === 204 || status === 304) return true;
  if (headers.get("transfer-encoding") === "chunked") return body.endsWith("0\r\n\r\n");
  return body.length >= Number(headers.get("content-length") ?? Number.POSITIVE_INFINITY);
}
