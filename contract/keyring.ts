import * as z from "zod";

export interface NamedKey {
  id: string;
  secret: Uint8Array<ArrayBuffer>;
}

/**
 * Secrets in the environment: `id:base64,id:base64`, newest first, each at least 32 bytes. The
 * first key signs; all keys verify. To replace a key, put the new one in front and remove the old
 * one later.
 */
export const Keyring = z
  .string()
  .transform((text) => text.split(",").map(parseKey))
  .pipe(z.tuple([z.custom<NamedKey>(isKey)], z.custom<NamedKey>(isKey)));
export type Keyring = z.infer<typeof Keyring>;

const MIN_SECRET_BYTES = 32;

function parseKey(text: string): NamedKey | undefined {
  const match = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]+=*)$/.exec(text.trim());
  if (!match?.[1] || !match[2]) return undefined;
  return { id: match[1], secret: Uint8Array.from(atob(match[2]), (char) => char.charCodeAt(0)) };
}

function isKey(key: unknown): boolean {
  return (
    (key as NamedKey | undefined)?.secret !== undefined &&
    (key as NamedKey).secret.length >= MIN_SECRET_BYTES
  );
}
