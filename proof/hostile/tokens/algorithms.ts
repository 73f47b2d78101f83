import { generateKeyPairSync, sign as signWith } from "node:crypto";
import { asBearer, type Forger } from "./forgery.ts";
import { encodePart, type Genuine } from "./genuine.ts";

const HASHES = { HS384: "sha384", HS512: "sha512" };
const NONE = ["none", "None", "NONE", "nOnE", ""];
const NEARLY_HS256 = ["hs256", "HS256 ", "HS-256", "HS1"];
const ENCRYPTIONS = ["A256GCM", "dir", "RSA1_5"];
const PUBLIC_KEY_NAMES = ["RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"];
const NO_NAMES = [null, 0, true, [], ["HS256"], {}, { HS256: 1 }];

/** Other algorithms than the session's: none, longer hashes, public keys used as secrets. */
export const otherAlgorithms: Forger = (genuine) => {
  const { header, claims, sign } = genuine;
  const withoutSignature = (alg: string) =>
    `${encodePart({ ...header, alg })}.${encodePart(claims)}.`;
  return [
    ...[...NONE, ...NEARLY_HS256, ...ENCRYPTIONS].flatMap((alg) => [
      asBearer(`alg ${alg || "empty"}, unsigned`, withoutSignature(alg)),
      asBearer(`alg ${alg || "empty"}, signed HS256`, sign({ header: { alg } })),
    ]),
    ...Object.entries(HASHES).flatMap(([alg, hash]) => [
      asBearer(`alg ${alg} with the session key`, sign({ header: { alg }, hash })),
      asBearer(`alg HS256 that is ${alg}`, sign({ hash })),
    ]),
    ...PUBLIC_KEY_NAMES.map((alg) =>
      asBearer(`alg ${alg}, signed HS256 with the session key`, sign({ header: { alg } })),
    ),
    ...NO_NAMES.map((alg) => asBearer(`alg ${JSON.stringify(alg)}`, sign({ header: { alg } }))),
    ...ownKeyPair(genuine),
  ];
};

/** The forger's own key pair, named in the token that it signs. */
function ownKeyPair({ header, claims, sign }: Genuine) {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = publicKey.export({ format: "jwk" });
  const pem = publicKey.export({ format: "pem", type: "spki" }).toString();
  const input = `${encodePart({ ...header, alg: "ES256", jwk })}.${encodePart(claims)}`;
  const key = { key: privateKey, dsaEncoding: "ieee-p1363" } as const;
  const mac = signWith("sha256", Buffer.from(input), key).toString("base64url");
  const secret = { jwk: { kty: "oct", k: "AAAA" } };
  const url = "http://127.0.0.1/";
  return [
    asBearer("a key of its own in jwk", `${input}.${mac}`),
    asBearer("a public key as the secret", sign({ secret: pem })),
    asBearer("a secret of its own in jwk", sign({ header: secret, secret: "\0\0\0" })),
    asBearer("a key to be fetched (jku)", sign({ header: { jku: url }, secret: "x" })),
    asBearer("a certificate to be fetched (x5u)", sign({ header: { x5u: url }, secret: "x" })),
    asBearer("a certificate of its own (x5c)", sign({ header: { x5c: [pem] }, secret: pem })),
  ];
}
