import { asBearer, type Forger } from "./forgery.ts";

const KEY_NAMES = {
  "of another type": [undefined, null, 0, 1.5, true, [], {}, { id: "x" }],
  "of no key": ["", " ", "0", "unknown", "*", "ключ", "\0", "a\nb", "k".repeat(3_000)],
  "of a file": ["../../../dev/null", "/dev/null", "file:///etc/hostname"],
  "of a page": ["http://127.0.0.1:1/key"],
  "that is run": ["' OR '1'='1", "1; DROP TABLE stock"],
  "of every object's properties": ["__proto__", "constructor", "toString", "length"],
};

const WEAK_SECRETS = [
  "",
  "\0",
  "secret",
  "lectern",
  "changeme",
  "undefined",
  "null",
  "[object Object]",
];

/** Keys of other names, keys of other uses, and guessed keys. */
export const otherKeys: Forger = ({ header, key, edgeKeys, sign }) => [
  ...Object.values(KEY_NAMES)
    .flat()
    .map((kid) => asBearer(`kid ${JSON.stringify(kid)?.slice(0, 40)}`, sign({ header: { kid } }))),
  asBearer("kid in an array", sign({ header: { kid: [header.kid] } })),
  asBearer("kid and a NUL", sign({ header: { kid: `${header.kid}\0` } })),
  asBearer("kid in other case", sign({ header: { kid: otherCase(header.kid) } })),
  ...edgeKeys.flatMap(({ id, secret }, at) => [
    asBearer(`edge key ${at} under its own name`, sign({ header: { kid: id }, secret })),
    asBearer(`edge key ${at} under the session key's name`, sign({ secret })),
  ]),
  ...WEAK_SECRETS.map((secret) =>
    asBearer(`the secret ${JSON.stringify(secret)}`, sign({ secret })),
  ),
  asBearer("the key's name as the secret", sign({ secret: key.id })),
  asBearer("the key's base64 as the secret", sign({ secret: key.secret.toBase64() })),
  asBearer("the key's hex as the secret", sign({ secret: key.secret.toHex() })),
  asBearer("half of the key", sign({ secret: key.secret.subarray(0, 16) })),
  asBearer("the key and a zero byte more than a block", sign({ secret: longer(key.secret) })),
];

function otherCase(kid: string): string {
  const flipped = kid.toUpperCase() === kid ? kid.toLowerCase() : kid.toUpperCase();
  return flipped === kid ? `${kid}x` : flipped;
}

/** HMAC pads a short key with zeros to a block of 64 bytes. A longer key is a different key. */
function longer(secret: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(65);
  bytes.set(secret);
  return bytes;
}
