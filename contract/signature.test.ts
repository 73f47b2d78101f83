import { expect, test } from "bun:test";
import { Keyring } from "./keyring.ts";
import { SIGNATURE_WINDOW_MS, sign, verify } from "./signature.ts";

const NOW_MS = 1_800_000_000_000;

function keyOf(id: string, fill: number): string {
  return `${id}:${new Uint8Array(32).fill(fill).toBase64()}`;
}

const keys = Keyring.parse(`${keyOf("new", 1)},${keyOf("old", 2)}`);
const request = {
  method: "POST",
  path: "/commands?x=1",
  body: new TextEncoder().encode('{"a":1}'),
};

test("every side that knows a signature's key accepts it, whichever key is newest", async () => {
  const header = sign(keys, request, NOW_MS);
  const rotated = Keyring.parse(`${keyOf("newest", 3)},${keyOf("new", 1)}`);
  expect(verify(rotated, header, request, NOW_MS)).toMatchObject({ timestampMs: NOW_MS });
});

test("two signatures of one request carry different nonces", async () => {
  const [one, two] = [sign(keys, request, NOW_MS), sign(keys, request, NOW_MS)];
  const nonces = [verify(keys, one, request, NOW_MS), verify(keys, two, request, NOW_MS)];
  expect(nonces[0]?.nonce).not.toBe(nonces[1]?.nonce as string);
});

test.each([
  ["method", { ...request, method: "DELETE" }],
  ["path", { ...request, path: "/commands?x=2" }],
  ["body", { ...request, body: new TextEncoder().encode('{"a":2}') }],
])("a request with another %s is refused", async (_what, altered) => {
  expect(verify(keys, sign(keys, request, NOW_MS), altered, NOW_MS)).toBeUndefined();
});

test("a signature with a timestamp outside the window, before or after, is refused", async () => {
  const header = sign(keys, request, NOW_MS);
  for (const side of [-1, 1]) {
    expect(verify(keys, header, request, NOW_MS + side * SIGNATURE_WINDOW_MS)).toBeDefined();
    expect(
      verify(keys, header, request, NOW_MS + side * (SIGNATURE_WINDOW_MS + 1)),
    ).toBeUndefined();
  }
});

test("no single changed character of a signature is accepted", async () => {
  const header = sign(keys, request, NOW_MS);
  for (let at = 0; at < header.length; at++) {
    const changed = header.slice(0, at) + (header[at] === "0" ? "1" : "0") + header.slice(at + 1);
    expect(verify(keys, changed, request, NOW_MS)).toBeUndefined();
  }
});

test.each([undefined, "", "new", "new.1.2.3", "x".repeat(100_000)])(
  "%p is not a signature",
  async (header) => {
    expect(verify(keys, header, request, NOW_MS)).toBeUndefined();
  },
);

test("a signature by a key of the same name but another secret is refused", async () => {
  const foreign = Keyring.parse(keyOf("new", 9));
  expect(verify(keys, sign(foreign, request, NOW_MS), request, NOW_MS)).toBeUndefined();
});
