import * as z from "zod";
import { Keyring } from "../contract/keyring.ts";
import { paths } from "./layout.ts";
import { readState, writeState } from "./state-file.ts";

const keyring = z.string().refine((text) => Keyring.safeParse(text).success);
const password = z.string().min(32);

export const Secrets = z.object({
  sessionKeys: keyring,
  edgeKeys: keyring,
  redisHttpToken: password,
  mysqlPassword: password,
  rabbitmqPassword: password,
  erlangCookie: password,
  /** younger than the other secrets: a directory without it gets it at its next start */
  metricsToken: password.default(() => randomHex(24)),
});
export type Secrets = z.infer<typeof Secrets>;

/**
 * The secrets of a stack directory, made at its first start and kept. To be called under the
 * stack's lock.
 */
export function loadSecrets(dir: string): Secrets {
  const secrets = readSecrets(dir) ?? newSecrets();
  writeState(paths.secrets(dir), secrets);
  return secrets;
}

/** The stored secrets; undefined before the first start. */
export function readSecrets(dir: string): Secrets | undefined {
  return readState(paths.secrets(dir), Secrets);
}

/** Fresh secrets, which are not stored. */
export function newSecrets(): Secrets {
  return {
    sessionKeys: newKeyring(1),
    edgeKeys: newKeyring(2),
    redisHttpToken: randomHex(24),
    mysqlPassword: randomHex(24),
    rabbitmqPassword: randomHex(24),
    erlangCookie: randomHex(24),
    metricsToken: randomHex(24),
  };
}

/** A fresh keyring of `count` keys of 256 bits, in the form of the environment variables. */
export function newKeyring(count: number): string {
  const key = () => `${randomHex(4)}:${randomBytes(32).toString("base64")}`;
  return Array.from({ length: count }, key).join(",");
}

/** Hex needs no escaping in a URL, in SQL or in a configuration file. */
function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}

function randomBytes(count: number): Buffer {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(count)));
}
