/*
 * The ceiling of the Redis HTTP front. It reads commands as JSON, sends them to Redis over one
 * socket, one write per turn of the event loop, and answers in JSON. It knows one token, and no
 * limits, losses or other encodings.
 */

type Reply = string | number | null | Reply[];

interface Waiting {
  left: number;
  replies: Reply[];
  resolve(replies: Reply[]): void;
}

const { REDIS_URL = "", TOKEN = "" } = process.env;
const authorization = `Bearer ${TOKEN}`;
const { hostname, port } = new URL(REDIS_URL);
const waiting: Waiting[] = [];
let wire = "";
let rest: Buffer = Buffer.alloc(0);
let at = 0;

const socket = await Bun.connect({
  hostname,
  port: Number(port),
  socket: { data: (_, chunk) => take(chunk) },
});
socket.setNoDelay(true);

const JSON_HEADERS = { headers: { "content-type": "application/json" } };

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  development: false,
  async fetch(request) {
    if (request.headers.get("authorization") !== authorization)
      return new Response(null, { status: 401 });
    const body = await request.json();
    if (request.url.endsWith("/pipeline")) {
      const replies = await ask(body);
      return new Response(JSON.stringify(replies.map((result) => ({ result }))), JSON_HEADERS);
    }
    const [result] = await ask([body]);
    return new Response(JSON.stringify({ result }), JSON_HEADERS);
  },
});
console.log(JSON.stringify({ event: "listening", url: server.url.href }));

function ask(commands: (string | number)[][]): Promise<Reply[]> {
  if (wire === "") setImmediate(flush);
  for (const command of commands) {
    wire += `*${command.length}\r\n`;
    for (const argument of command) {
      const text = String(argument);
      wire += `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
    }
  }
  return new Promise((resolve) => waiting.push({ left: commands.length, replies: [], resolve }));
}

function flush(): void {
  socket.write(wire);
  wire = "";
}

function take(chunk: Buffer): void {
  rest = at < rest.length ? Buffer.concat([rest.subarray(at), chunk]) : chunk;
  at = 0;
  for (;;) {
    const from = at;
    const reply = read();
    if (reply === undefined) {
      at = from;
      return;
    }
    const [first] = waiting;
    if (!first) throw new Error("a reply nobody asked for");
    first.replies.push(reply);
    first.left -= 1;
    if (first.left > 0) continue;
    waiting.shift();
    first.resolve(first.replies);
  }
}

/** The next whole reply; undefined while incomplete. */
function read(): Reply | undefined {
  const end = rest.indexOf("\r\n", at);
  if (end < 0) return undefined;
  const type = rest[at];
  const line = rest.toString("latin1", at + 1, end);
  at = end + 2;
  if (type === 43) return line; // +
  if (type === 58) return Number(line); // :
  if (type === 36) return readText(Number(line)); // $
  if (type === 42) return readList(Number(line)); // *
  throw new Error(line);
}

function readText(length: number): string | null | undefined {
  if (length < 0) return null;
  if (rest.length < at + length + 2) return undefined;
  const text = rest.toString("utf8", at, at + length);
  at += length + 2;
  return text;
}

function readList(length: number): Reply[] | null | undefined {
  if (length < 0) return null;
  const items: Reply[] = [];
  while (items.length < length) {
    const item = read();
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}
