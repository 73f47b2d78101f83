import type { Socket, TCPSocketListener } from "bun";

/** A MySQL server's refusal: an error number and a text. */
export interface ServerRefusal {
  errno: number;
  message: string;
}

/**
 * For tests: a MySQL server that refuses at one point. The point is every `statement` after the
 * session's preparation, the preparation of the `session`, or the connection in place of the
 * `greeting`.
 */
export function openRefusingMysql(
  refusal: ServerRefusal,
  at: "statement" | "session" | "greeting" = "statement",
): { url: string; close(): void } {
  const sockets = new Set<Socket<undefined>>();
  const listener: TCPSocketListener = Bun.listen<undefined>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        sockets.add(socket);
        socket.write(at === "greeting" ? packet(0, error(refusal, "")) : packet(0, GREETING));
      },
      data(socket, bytes) {
        // Each command of this client fits into one packet, and each packet into one read.
        const [sequence = 0, command] = [bytes[3], bytes[4]];
        if (sequence > 0) socket.write(packet(sequence + 1, OK));
        else {
          const preparing = command === QUERY && bytes.toString("latin1", 5, 9) === "SET ";
          const refused = preparing === (at === "session");
          socket.write(packet(1, refused ? error(refusal, "#HY000") : OK));
        }
      },
      close: (socket) => void sockets.delete(socket),
    },
  });
  return {
    url: `mysql://u:p@127.0.0.1:${listener.port}/lectern`,
    close() {
      for (const socket of sockets) socket.terminate();
      listener.stop(true);
    },
  };
}

const QUERY = 0x03;
const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);

/** Protocol 10, with the capabilities of 4.1, connecting with a database, and named plugins. */
const GREETING = Buffer.concat([
  Buffer.from("\x0a8.0.0\0", "latin1"),
  Buffer.from([1, 0, 0, 0]),
  Buffer.from("abcdefgh\0", "latin1"),
  Buffer.from([0x08, 0x82, 45, 2, 0, 0x08, 0, 21]),
  Buffer.alloc(10),
  Buffer.from("ijklmnopqrst\0mysql_native_password\0", "latin1"),
]);

function error({ errno, message }: ServerRefusal, state: string): Buffer {
  return Buffer.concat([
    Buffer.from([0xff, errno & 0xff, errno >> 8]),
    Buffer.from(state + message),
  ]);
}

function packet(sequence: number, payload: Buffer): Buffer {
  const head = Buffer.from([payload.length & 0xff, payload.length >> 8, 0, sequence]);
  return Buffer.concat([head, payload]);
}
