import fc from "fast-check";
import { hostileText } from "./texts.ts";

const utf8 = new TextEncoder();

/** Bodies that have broken parsers, or the users of parsed values. */
const NOTORIOUS = Object.values({
  "no object": ["null", "[]", '""', "0"],
  "numbers out of range": ["-1e999", "1e400", "9007199254740993"],
  prototypes: [
    '{"__proto__":{"admin":true}}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"toString":1,"valueOf":1}',
    '{"length":-1}',
  ],
  "a field twice, or one too many": [
    '{"studentNumber":"20230001","studentNumber":1}',
    '{"studentNumber":1,"studentNumber":"20230001"}',
    '{"studentNumber":"20230001","role":"admin"}',
  ],
  "nearly JSON": ["{}", "\uFEFF{}", "{}\0", "{}{}", "{'a':1}", '"\\ud800"', '"\\u0000"'],
  "too deep": [
    "[".repeat(8_000),
    `${"[".repeat(7_000)}${"]".repeat(7_000)}`,
    '{"a":'.repeat(3_000),
  ],
  "too long": [`"${"a".repeat(16_000)}"`, " ".repeat(16_385)],
})
  .flat()
  .map((text) => utf8.encode(text));

const BYTES = [
  Uint8Array.of(0xff, 0xfe, 0x7b, 0x7d),
  Uint8Array.of(0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d),
  Uint8Array.of(0xed, 0xa0, 0x80),
  Uint8Array.of(0xf8, 0x88, 0x80, 0x80, 0x80),
  Uint8Array.of(0x1f, 0x8b, 0x08, 0x00),
];

/** Anything that can be sent as a body, under any media type. */
export const hostileBody: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc.oneof(
  { arbitrary: fc.constantFrom(...NOTORIOUS), weight: 3 },
  { arbitrary: fc.constantFrom(...BYTES), weight: 1 },
  { arbitrary: fc.json({ maxDepth: 3 }).map((text) => utf8.encode(text)), weight: 2 },
  { arbitrary: hostileText.map((text) => utf8.encode(text)), weight: 1 },
  { arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Uint8Array.from(bytes)), weight: 1 },
);

/** A JSON body with mostly valid fields; any may be missing, but for the required ones. */
export function bodyOf(
  fields: Record<string, fc.Arbitrary<unknown>>,
  requiredKeys: string[] = [],
): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc.record(fields, { requiredKeys }).map((value) => utf8.encode(JSON.stringify(value)));
}

/** Texts as bodies. */
export function bytesOf(...texts: string[]): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc.constantFrom(...texts).map((text) => utf8.encode(text));
}
