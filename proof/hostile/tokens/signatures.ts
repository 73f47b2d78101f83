import { asBearer, type Forger } from "./forgery.ts";
import { base64url, partsOf } from "./genuine.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** A genuine token with a shortened, lengthened, altered or respelled signature. */
export const alteredSignatures: Forger = ({ token }) => {
  const [header, claims, signature] = partsOf(token);
  const bytes = Buffer.from(signature, "base64url");
  const withSignature = (name: string, other: string) =>
    asBearer(name, `${header}.${claims}.${other}`);
  return [
    ...[0, 1, 2, 10, 21, 41, 42].map((length) =>
      withSignature(`signature of ${length} characters`, signature.slice(0, length)),
    ),
    ...Array.from({ length: 32 }, (_, at) =>
      withSignature(`bit ${at % 8} of byte ${at} flipped`, base64url(flipped(bytes, at, at % 8))),
    ),
    ...spellingsOfTheSame(signature).map((other, at) =>
      withSignature(`spare bits of the last character, ${at}`, other),
    ),
    withSignature("signature padded", `${signature}=`),
    withSignature("signature padded twice", `${signature}==`),
    withSignature("signature in the standard alphabet", bytes.toString("base64")),
    withSignature("signature in the standard alphabet, unpadded", standard(signature)),
    withSignature("signature in hex", bytes.toString("hex")),
    withSignature("signature encoded twice", base64url(signature)),
    withSignature("signature doubled", signature + signature),
    withSignature("signature and a byte more", base64url(Buffer.concat([bytes, Buffer.of(0)]))),
    withSignature("signature of zeros", base64url(new Uint8Array(32))),
    withSignature("signature of another case", signature.toLowerCase()),
    withSignature("signature and a dot", `${signature}.`),
    withSignature("signature and two parts more (JWE)", `${signature}.${signature}.${signature}`),
    withSignature("signature of 3,000 characters", signature.padEnd(3_000, "A")),
  ];
};

/**
 * Spellings that a lenient decoder reads as the same bytes: the last character has two unused bits.
 */
function spellingsOfTheSame(signature: string): string[] {
  const last = ALPHABET.indexOf(signature.slice(-1));
  return [1, 2, 3].map((spare) => signature.slice(0, -1) + ALPHABET[last ^ spare]);
}

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const other = Uint8Array.from(bytes);
  other[at] = (other[at] ?? 0) ^ (1 << bit);
  return other;
}

/**
 * A token may lack both characters that differ between the alphabets. It then gets one, which makes
 * it wrong too.
 */
function standard(signature: string): string {
  const other = signature.replaceAll("-", "+").replaceAll("_", "/");
  return other === signature ? `+${signature.slice(1)}` : other;
}
