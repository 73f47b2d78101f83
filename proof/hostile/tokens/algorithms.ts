import { generateKeyPairSync, sign } from "node:crypto";
import { encodePart, signToken } from "./encode.ts";
import { asBearer, type Forger } from "./forgery.ts";

const HASHES = { HS384: "sha384", HS512: "sha512" };
const NAMES = [
  "none",
  "None",
  "NONE",
  "nOnE",
  "",
  "hs256",
  "HS256 ",
  "HS-256",
  "HS1",
  "A256GCM",
  "dir",
  "RSA1_5",
];
const PUBLIC_KEY_NAMES = ["RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"];

/** Other algorithms than the session's: none, longer hashes, public keys used as secrets. */
export const otherAlgorithms: Forger = ({ header, claims, key }) => [
  ...NAMES.flatMap((alg) => [
    asBearer(
      `alg ${alg || "empty"}, unsigned`,
      `${encodePart({ ...header, alg })}.${encodePart(claims)}.`,
    ),
    asBearer(
      `alg ${alg || "empty"}, signed HS256`,
      signToken({ ...header, alg }, claims, key.secret),
    ),
  ]),
  ...Object.entries(HASHES).flatMap(([alg, hash]) => [
    asBearer(
      `alg ${alg} with the session key`,
      signToken({ ...header, alg }, claims, key.secret, hash),
    ),
    asBearer(`alg HS256 that is ${alg}`, signToken(header, claims, key.secret, hash)),
  ]),
  ...PUBLIC_KEY_NAMES.map((alg) =>
    asBearer(
      `alg ${alg}, signed HS256 with the session key`,
      signToken({ ...header, alg }, claims, key.secret),
    ),
  ),
  ...[null, 0, true, [], ["HS256"], {}, { HS256: 1 }].map((alg) =>
    asBearer(`alg ${JSON.stringify(alg)}`, signToken({ ...header, alg }, claims, key.secret)),
  ),
  ...ownKeyPair(header, claims),
];

/** The forger's own key pair, named in the token that it signs. */
function ownKeyPair(header: Record<string, unknown>, claims: Record<string, unknown>) {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = publicKey.export({ format: "jwk" });
  const pem = publicKey.export({ format: "pem", type: "spki" }).toString();
  const named = { ...header, alg: "ES256", jwk };
  const input = `${encodePart(named)}.${encodePart(claims)}`;
  const mac = sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return [
    asBearer("a key of its own in jwk", `${input}.${mac.toString("base64url")}`),
    asBearer("a public key as the secret", signToken(header, claims, pem)),
    asBearer(
      "a secret of its own in jwk",
      signToken({ ...header, jwk: { kty: "oct", k: "AAAA" } }, claims, "\0\0\0"),
    ),
    asBearer(
      "a key to be fetched (jku)",
      signToken({ ...header, jku: "http://127.0.0.1/" }, claims, "x"),
    ),
    asBearer(
      "a certificate to be fetched (x5u)",
      signToken({ ...header, x5u: "http://127.0.0.1/" }, claims, "x"),
    ),
    asBearer("a certificate of its own (x5c)", signToken({ ...header, x5c: [pem] }, claims, pem)),
  ];
}
