/**
 * RESP2, the protocol of Redis. Text here is "binary text": one character stands for one byte
 * (Latin-1). Nothing is lost, commands join by concatenation, and ASCII, the usual case, is not
 * converted.
 */

/** An argument of a command. Text is sent as UTF-8, bytes as they are. */
export type Argument = string | Uint8Array;

/** A command's name, then its arguments. */
export type RedisCommand = readonly [Argument, ...Argument[]];

/**
 * A reply of Redis: binary text, a status, an integer (bigint beyond 2^53), null, an error, or an
 * array of replies.
 */
export type Reply = string | Status | number | bigint | null | RedisError | Reply[];

/** A status reply such as OK. It is no text, since RESP2 writes the two differently. */
export class Status {
  constructor(readonly text: string) {}
}

/**
 * An error reply as a value: replies are matched by position, and an error leaves the others alone.
 */
export class RedisError {
  constructor(readonly message: string) {}
}

/** The bytes are not RESP2, or a reply is over its limit. The connection is useless afterwards. */
export class ProtocolError extends Error {}

/** A command's name in capitals, in whatever case it was sent. */
export function nameOf([name]: RedisCommand): string {
  if (name === "EVALSHA" || name === "evalsha") return "EVALSHA";
  return String(name).toUpperCase();
}

/** A command as binary text, which may be joined with others. */
export function encodeCommand(command: RedisCommand): string {
  let wire = `*${command.length}\r\n`;
  for (const argument of command) {
    const bytes = toBinary(argument);
    wire += `$${bytes.length}\r\n${bytes}\r\n`;
  }
  return wire;
}

/** A reply as binary text in RESP2. Both kinds of null become the null text. */
export function encodeReply(reply: Reply): string {
  if (reply === null) return "$-1\r\n";
  if (typeof reply === "string") return `$${reply.length}\r\n${reply}\r\n`;
  if (reply instanceof Status) return `+${reply.text}\r\n`;
  if (reply instanceof RedisError) return `-${Buffer.from(reply.message).toString("latin1")}\r\n`;
  if (Array.isArray(reply)) return `*${reply.length}\r\n${reply.map(encodeReply).join("")}`;
  return `:${reply}\r\n`;
}

/** Text as long as its UTF-8 is ASCII, and ASCII is its own binary text. */
function toBinary(argument: Argument): string {
  if (typeof argument !== "string") return Buffer.from(argument).toString("latin1");
  return Buffer.byteLength(argument) === argument.length
    ? argument
    : Buffer.from(argument).toString("latin1");
}

/** Binary text read as UTF-8. Bytes that are no UTF-8 become U+FFFD. */
export function fromBinary(binary: string): string {
  return NON_ASCII.test(binary) ? Buffer.from(binary, "latin1").toString("utf8") : binary;
}

const NON_ASCII = /[\x80-\xff]/;

const STATUS = 43; // +
const ERROR = 45; // -
const INTEGER = 58; // :
const BULK = 36; // $
const ARRAY = 42; // *
const CR = 13;
const LF = 10;
const MINUS = 45;
const DIGIT_ZERO = 48;
const EXACT_DIGITS = 15;

export interface ReplyParser {
  /**
   * Takes the next bytes of the connection. The parser keeps the chunk uncopied: it must not
   * change.
   */
  push(chunk: Buffer): void;
  /** The next whole reply, or undefined until more bytes have come. Throws ProtocolError. */
  next(): Reply | undefined;
}

interface OpenArray {
  items: Reply[];
  length: number;
}

/**
 * An incremental parser. Bytes go in cut anywhere; replies come out whole. Each byte is read about
 * once, however many chunks a reply spans. A reply over `maxReplyBytes` is a ProtocolError.
 */
export function createReplyParser(maxReplyBytes: number): ReplyParser {
  let bytes: Buffer = Buffer.alloc(0);
  let at = 0;
  /** Chunks not yet joined to `bytes`. They are joined once the value at `at` can be complete. */
  let later: Buffer[] = [];
  let laterBytes = 0;
  let neededBytes = 1;
  let replyBytes = 0;
  const open: OpenArray[] = [];

  function push(chunk: Buffer) {
    later.push(chunk);
    laterBytes += chunk.length;
  }

  /** Joins the waiting chunks. Gives false while they cannot complete the value at `at`. */
  function refill(): boolean {
    if (laterBytes === 0 || bytes.length - at + laterBytes < neededBytes) return false;
    if (at === bytes.length && later.length === 1) bytes = later[0] as Buffer;
    else bytes = Buffer.concat([bytes.subarray(at), ...later]);
    at = 0;
    later = [];
    laterBytes = 0;
    neededBytes = 1;
    return true;
  }

  function next(): Reply | undefined {
    for (;;) {
      const value = readValue();
      if (value === undefined) {
        if (!refill()) return undefined;
        continue;
      }
      if (value === OPENED) continue;
      const whole = place(value);
      if (whole === undefined) continue;
      replyBytes = 0;
      return whole;
    }
  }

  /** Puts a value into its array. Gives the whole reply when the value was its last part. */
  function place(value: Reply): Reply | undefined {
    let whole = value;
    for (;;) {
      const parent = open.at(-1);
      if (parent === undefined) return whole;
      parent.items.push(whole);
      if (parent.items.length < parent.length) return undefined;
      whole = parent.items;
      open.pop();
    }
  }

  /** Reads the value at `at`. Gives undefined and leaves `at` while the value is incomplete. */
  function readValue(): Reply | typeof OPENED | undefined {
    let end = at;
    while (end < bytes.length && bytes[end] !== LF) end++;
    if (end >= bytes.length) {
      neededBytes = bytes.length - at + 1;
      return undefined;
    }
    if (bytes[end - 1] !== CR) throw new ProtocolError("a line has no end");
    const start = at + 1;
    switch (bytes[at]) {
      case BULK:
        return readBulk(start, end);
      case INTEGER:
        advance(end + 1);
        return readInteger(start, end - 1);
      case STATUS:
        advance(end + 1);
        return new Status(bytes.toString("latin1", start, end - 1));
      case ARRAY:
        advance(end + 1);
        return openArray(Number(readInteger(start, end - 1)));
      case ERROR:
        advance(end + 1);
        return new RedisError(bytes.toString("utf8", start, end - 1));
      default:
        throw new ProtocolError("a reply has an unknown type");
    }
  }

  function readBulk(start: number, lineEnd: number): Reply | undefined {
    const length = Number(readInteger(start, lineEnd - 1));
    if (length === -1) {
      advance(lineEnd + 1);
      return null;
    }
    if (length < 0 || length > maxReplyBytes) throw new ProtocolError("a length is out of range");
    const from = lineEnd + 1;
    const to = from + length;
    if (bytes.length < to + 2) {
      neededBytes = to + 2 - at;
      return undefined;
    }
    if (bytes[to] !== CR || bytes[to + 1] !== LF) throw new ProtocolError("a value has no end");
    advance(to + 2);
    return bytes.toString("latin1", from, to);
  }

  function openArray(length: number): Reply | typeof OPENED {
    if (length === -1) return null;
    if (length < 0 || length > maxReplyBytes) throw new ProtocolError("a length is out of range");
    if (length === 0) return [];
    open.push({ items: [], length });
    return OPENED;
  }

  function readInteger(start: number, end: number): number | bigint {
    const negative = bytes[start] === MINUS;
    const firstDigit = negative ? start + 1 : start;
    if (end <= firstDigit) throw new ProtocolError("a number is malformed");
    if (end - firstDigit > EXACT_DIGITS) return readLongInteger(start, end);
    let value = 0;
    for (let index = firstDigit; index < end; index++) {
      const digit = (bytes[index] as number) - DIGIT_ZERO;
      if (digit < 0 || digit > 9) throw new ProtocolError("a number is malformed");
      value = value * 10 + digit;
    }
    return negative ? -value : value;
  }

  function readLongInteger(start: number, end: number): number | bigint {
    const text = bytes.toString("latin1", start, end);
    if (!/^-?[0-9]{1,20}$/.test(text)) throw new ProtocolError("a number is malformed");
    const exact = BigInt(text);
    const rounded = Number(exact);
    return Number.isSafeInteger(rounded) ? rounded : exact;
  }

  function advance(to: number) {
    replyBytes += to - at;
    if (replyBytes > maxReplyBytes) throw new ProtocolError("a reply is over the limit");
    at = to;
  }

  return { push, next };
}

/** Stands for an opened array, whose items follow. */
const OPENED = Symbol("opened an array");
