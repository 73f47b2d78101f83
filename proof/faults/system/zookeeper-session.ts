import { connect } from "node:net";

/** What a client needs to take over a ZooKeeper session. */
export interface ZooKeeperSessionKey {
  id: Buffer;
  password: Buffer;
}

const PASSWORD_BYTES = 16;
const CONNECT_ANSWER_BYTES = 4 + 4 + 4 + 8 + 4 + PASSWORD_BYTES;
const CLOSE_SESSION = -11;
const TIMEOUT_MS = 5_000;

/**
 * Reads the session's key from a server's first answer: length, protocol, timeout, id, password.
 */
export function sessionTap(take: (key: ZooKeeperSessionKey) => void): (bytes: Buffer) => void {
  return (bytes) => {
    if (bytes.length < CONNECT_ANSWER_BYTES || bytes.readInt32BE(20) !== PASSWORD_BYTES) return;
    take({
      id: Buffer.from(bytes.subarray(12, 20)),
      password: Buffer.from(bytes.subarray(24, 40)),
    });
  };
}

/**
 * Ends a session as its timeout would: another client takes it over and closes it. The previous
 * client finds its ephemeral nodes and watches gone and its connection closed. Rejects if the
 * server does not answer within five seconds.
 */
export async function expireSession(
  port: number,
  { id, password }: ZooKeeperSessionKey,
): Promise<void> {
  await converse(port, connectRequest(id, password), closeRequest());
}

/**
 * Opens a connection to ZooKeeper, sends `first`, and `next` at the first answer. Returns all that
 * ZooKeeper answers until it closes the connection. Rejects after five seconds of silence.
 */
export function converse(port: number, first: Buffer, next?: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const answers: Buffer[] = [];
    const socket = connect({ host: "127.0.0.1", port });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error("ZooKeeper does not answer")));
    socket.once("connect", () => socket.write(first));
    if (next) socket.once("data", () => socket.write(next));
    socket.on("data", (bytes) => answers.push(Buffer.from(bytes)));
    socket.once("error", reject);
    socket.once("close", () => resolve(Buffer.concat(answers).toString()));
  });
}

/**
 * Length, protocol 0, last seen zxid 0, timeout, the session, and a refusal of read-only servers.
 */
function connectRequest(id: Buffer, password: Buffer): Buffer {
  const request = Buffer.alloc(49);
  request.writeInt32BE(45, 0);
  request.writeInt32BE(10_000, 16);
  id.copy(request, 20);
  request.writeInt32BE(PASSWORD_BYTES, 28);
  password.copy(request, 32);
  return request;
}

function closeRequest(): Buffer {
  const request = Buffer.alloc(12);
  request.writeInt32BE(8, 0);
  request.writeInt32BE(1, 4);
  request.writeInt32BE(CLOSE_SESSION, 8);
  return request;
}
