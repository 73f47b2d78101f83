import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Keyring } from "../contract/keyring.ts";
import { paths } from "./layout.ts";
import { loadSecrets, newKeyring, readSecrets } from "./secrets.ts";

const dir = mkdtempSync(join(tmpdir(), "lectern-secrets-"));
afterAll(() => rmSync(dir, { recursive: true }));

test("a fresh keyring has the form the services read, with distinct keys of 256 bits", () => {
  const keys = Keyring.parse(newKeyring(2));
  expect(keys.map(({ secret }) => secret.length)).toEqual([32, 32]);
  expect(new Set(keys.map(({ id }) => id)).size).toBe(2);
  expect(newKeyring(1)).not.toBe(newKeyring(1));
});

test("secrets are made once, with two keys for the edge, readable by their owner alone", () => {
  expect(readSecrets(dir)).toBeUndefined();
  const secrets = loadSecrets(dir);
  expect(Keyring.parse(secrets.edgeKeys)).toHaveLength(2);
  expect(loadSecrets(dir)).toEqual(secrets);
  expect(statSync(paths.secrets(dir)).mode & 0o777).toBe(0o600);
});

test("a directory older than the metrics gets a token for them, and keeps the rest", () => {
  const { metricsToken, ...older } = loadSecrets(dir);
  writeFileSync(paths.secrets(dir), JSON.stringify(older));
  const secrets = loadSecrets(dir);
  expect(secrets).toMatchObject(older);
  expect(secrets.metricsToken).not.toBe(metricsToken);
  expect(readSecrets(dir)).toEqual(secrets);
});

test("a damaged file is named and never replaced", () => {
  writeFileSync(paths.secrets(dir), '{"sessionKeys":');
  expect(() => loadSecrets(dir)).toThrow(`${paths.secrets(dir)} is damaged`);
});
