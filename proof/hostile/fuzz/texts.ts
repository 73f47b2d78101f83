import fc from "fast-check";

/** Texts that have broken other systems. */
const NOTORIOUS = Object.values({
  nothing: ["", " ", "\0"],
  "another answer": ["\r\n\r\nHTTP/1.1 200 OK"],
  "properties of every object": ["__proto__", "constructor", "toString", "hasOwnProperty"],
  "another place": ["../../etc/passwd", "..\\..\\"],
  "escapes of URLs": ["%00", "%zz", "%2e%2e%2f", "%F0%9F"],
  "what another language reads": ["' OR 1=1 --", "*", "\\", '"', "$(id)"],
  "keys of Redis": ["{7}", "{7}:lecture"],
  "characters that are not seen": ["\u2028", "\u202e", "\uFEFF"],
  "digits of other scripts": ["１２", "١"],
  "numbers, and none": ["NaN", "1e309", "-0", "0x10", "undefined", "null"],
  "too long": ["𝕊".repeat(40), "a".repeat(300), "9".repeat(400)],
}).flat();

export const hostileText = fc.oneof(
  { arbitrary: fc.constantFrom(...NOTORIOUS), weight: 3 },
  { arbitrary: fc.string({ maxLength: 30 }), weight: 2 },
  { arbitrary: fc.string({ unit: "binary", maxLength: 20 }), weight: 2 },
);

/**
 * A text as a path segment or query value: mostly escaped, sometimes with invalid escapes of its
 * own.
 */
export const segment = fc
  .tuple(hostileText, fc.boolean())
  .map(([text, escaped]) =>
    escaped ? encodeURIComponent(text) : text.replace(/[^!$'()*+,;=@%\w.~-]/g, "-"),
  );

/** A value that HTTP permits in a header: bytes without NUL and line ends. */
export const headerValue = hostileText.map((text) =>
  Buffer.from(text, "utf8")
    .toString("latin1")
    .replace(/[\0\r\n]/g, "?"),
);

/** Mostly `good`, so that most inputs pass the first check; sometimes anything. */
export function mostly<Value>(
  good: fc.Arbitrary<Value>,
  anything: fc.Arbitrary<Value>,
): fc.Arbitrary<Value> {
  return fc.oneof({ arbitrary: good, weight: 5 }, { arbitrary: anything, weight: 1 });
}

const hex = fc.constantFrom(
  "0".repeat(32),
  "f".repeat(32),
  "0123456789abcdef0123456789abcdef",
  "A".repeat(32),
  "0".repeat(31),
);

export const lectureId = mostly(fc.constantFrom("7", "1", "12", "999999999999999"), segment);
export const rid = mostly(
  fc
    .tuple(fc.constantFrom("7", "1", "999999999999999", "0"), hex)
    .map(([id, digits]) => `${id}-${digits}`),
  segment,
);
export const userId = mostly(fc.constantFrom("s-1", "u_2", "x".repeat(64)), segment);

/** The name of a file of pages: there, beside itself in an encoding, or none of them. */
export const assetName = mostly(fc.constantFrom("a-1.js", "a-1.js", "a-1.js.br"), segment);
