import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  createReplyParser,
  encodeCommand,
  encodeReply,
  fromBinary,
  ProtocolError,
  RedisError,
  type Reply,
  Status,
} from "./resp.ts";

const LIMIT_BYTES = 1_000_000;

function parse(chunks: Buffer[], limitBytes = LIMIT_BYTES): Reply[] {
  const parser = createReplyParser(limitBytes);
  const replies: Reply[] = [];
  for (const chunk of chunks) {
    parser.push(chunk);
    for (let reply = parser.next(); reply !== undefined; reply = parser.next()) replies.push(reply);
  }
  return replies;
}

const parseText = (wire: string) => parse([Buffer.from(wire, "latin1")]);

/** One stream with every kind of reply, and its meaning. */
const WIRE =
  "+OK\r\n:42\r\n:-7\r\n:9007199254740993\r\n$-1\r\n*-1\r\n$0\r\n\r\n*0\r\n" +
  "$5\r\na\r\nb\xff\r\n-ERR no\r\n" +
  "*4\r\n$1\r\nx\r\n*2\r\n*1\r\n:1\r\n-WRONGTYPE in here\r\n$-1\r\n+fine\r\n";
const SAYS: Reply[] = [
  new Status("OK"),
  42,
  -7,
  9007199254740993n,
  null,
  null,
  "",
  [],
  "a\r\nb\xff",
  new RedisError("ERR no"),
  ["x", [[1], new RedisError("WRONGTYPE in here")], null, new Status("fine")],
];

describe("the parser", () => {
  test("reads every kind of reply from one chunk", () => {
    expect(parseText(WIRE)).toEqual(SAYS);
  });

  test("reads the same when the stream is cut at any byte", () => {
    const bytes = Buffer.from(WIRE, "latin1");
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(parse([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(SAYS);
    }
  });

  test("reads the same byte by byte", () => {
    expect(parse([...Buffer.from(WIRE, "latin1")].map((byte) => Buffer.of(byte)))).toEqual(SAYS);
  });

  test("reads a large value that comes in many chunks", () => {
    const value = "0123456789".repeat(90_000);
    const wire = Buffer.from(`$${value.length}\r\n${value}\r\n:1\r\n`);
    const chunks = Array.from({ length: Math.ceil(wire.length / 4_096) }, (_, index) =>
      wire.subarray(index * 4_096, (index + 1) * 4_096),
    );
    expect(parse(chunks)).toEqual([value, 1]);
  });

  test("keeps every byte of a value", () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const [reply] = parse([Buffer.concat([Buffer.from("$256\r\n"), bytes, Buffer.from("\r\n")])]);
    expect(Buffer.from(reply as string, "latin1").equals(bytes)).toBe(true);
  });

  test("gives back any reply, cut anywhere", () => {
    const { reply } = fc.letrec<{ reply: Reply }>((tie) => ({
      reply: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: "binary" }).map((text) => Buffer.from(text).toString("latin1")),
        fc.integer(),
        fc.constant(null),
        fc.bigInt({ min: 9007199254740992n, max: 9223372036854775807n }),
        fc.constantFrom("OK", "QUEUED").map((text) => new Status(text)),
        fc.constantFrom("ERR", "WRONGTYPE no", "NOSCRIPT").map((text) => new RedisError(text)),
        fc.array(tie("reply"), { maxLength: 3 }),
      ),
    }));
    fc.assert(
      fc.property(fc.array(reply, { maxLength: 4 }), fc.array(fc.nat(40)), (replies, cuts) => {
        const wire = Buffer.from(replies.map(encodeReply).join(""), "latin1");
        return Bun.deepEquals(parse(cutUp(wire, cuts)), replies);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ["an unknown type", "!oops\r\n"],
    ["a length that is no number", "$1x\r\na\r\n"],
    ["a missing length", "$\r\n\r\n"],
    ["a negative length", "$-2\r\n"],
    ["a value longer than it says", "$1\r\nabc\r\n"],
    ["a line without its carriage return", "+OK\n"],
    ["an integer with letters", ":12345678901234567x\r\n"],
  ])("refuses %s", (_, wire) => {
    expect(() => parseText(wire)).toThrow(ProtocolError);
  });

  test("refuses a reply over its limit, in one value or in many", () => {
    expect(() => parse([Buffer.from("$101\r\n")], 100)).toThrow(ProtocolError);
    expect(() => parse([Buffer.from(`*9\r\n${"$9\r\n123456789\r\n".repeat(9)}`)], 100)).toThrow(
      ProtocolError,
    );
    expect(parse([Buffer.from("$9\r\n123456789\r\n".repeat(50))], 100)).toHaveLength(50);
  });
});

describe("the encoder", () => {
  test("counts bytes, not characters", () => {
    expect(encodeCommand(["SET", "é", "讲座", ""])).toBe(
      Buffer.from("*4\r\n$3\r\nSET\r\n$2\r\né\r\n$6\r\n讲座\r\n$0\r\n\r\n").toString("latin1"),
    );
  });

  test("sends bytes as they are", () => {
    expect(encodeCommand(["SET", Uint8Array.of(0, 13, 10, 255)])).toBe(
      "*2\r\n$3\r\nSET\r\n$4\r\n\0\r\n\xff\r\n",
    );
  });
});

test("what is written again is what Redis wrote, but for the kind of null", () => {
  expect(parseText(WIRE).map(encodeReply).join("")).toBe(WIRE.replace("*-1\r\n", "$-1\r\n"));
});

test("binary text is read back as UTF-8, and what is no UTF-8 is marked", () => {
  expect(fromBinary(Buffer.from("讲座 é").toString("latin1"))).toBe("讲座 é");
  expect(fromBinary("a\xff")).toBe("a\ufffd");
});

function cutUp(wire: Buffer, sizes: number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(wire.subarray(at, at + size));
    at += size;
  }
  return [...chunks, wire.subarray(at)];
}
