import { signToken } from "./encode.ts";
import { asBearer, type Forger } from "./forgery.ts";

const KEY_NAMES = [
  undefined,
  null,
  0,
  1.5,
  true,
  "",
  " ",
  "0",
  "unknown",
  "../../../dev/null",
  "/dev/null",
  "file:///etc/hostname",
  "http://127.0.0.1:1/key",
  "' OR '1'='1",
  "1; DROP TABLE stock",
  "__proto__",
  "constructor",
  "toString",
  "length",
  "\0",
  "a\nb",
  "ключ",
  "*",
  [],
  {},
  { id: "x" },
  "k".repeat(3_000),
];

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
export const otherKeys: Forger = ({ header, claims, key, edgeKeys }) => [
  ...KEY_NAMES.map((kid) =>
    asBearer(
      `kid ${JSON.stringify(kid)?.slice(0, 40)}`,
      signToken({ ...header, kid }, claims, key.secret),
    ),
  ),
  asBearer("kid in an array", signToken({ ...header, kid: [header.kid] }, claims, key.secret)),
  asBearer("kid and a NUL", signToken({ ...header, kid: `${header.kid}\0` }, claims, key.secret)),
  asBearer(
    "kid in other case",
    signToken({ ...header, kid: otherCase(header.kid) }, claims, key.secret),
  ),
  ...edgeKeys.flatMap(({ id, secret }, at) => [
    asBearer(
      `edge key ${at} under its own name`,
      signToken({ ...header, kid: id }, claims, secret),
    ),
    asBearer(`edge key ${at} under the session key's name`, signToken(header, claims, secret)),
  ]),
  ...WEAK_SECRETS.map((secret) =>
    asBearer(`the secret ${JSON.stringify(secret)}`, signToken(header, claims, secret)),
  ),
  asBearer("the key's name as the secret", signToken(header, claims, key.id)),
  asBearer("the key's base64 as the secret", signToken(header, claims, key.secret.toBase64())),
  asBearer("the key's hex as the secret", signToken(header, claims, key.secret.toHex())),
  asBearer("half of the key", signToken(header, claims, key.secret.subarray(0, 16))),
  asBearer(
    "the key and a zero byte more than a block",
    signToken(header, claims, longer(key.secret)),
  ),
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
