import { expect, test } from "bun:test";
import { newKeyring } from "../stack/secrets.ts";
import { readEdgeConfig, readListenAddress } from "./config.ts";

const env = {
  UPSTASH_REDIS_REST_URL: "https://redis.test",
  UPSTASH_REDIS_REST_TOKEN: "secret-token",
  ORIGIN_URL: "http://127.0.0.1:8788",
  EDGE_KEYS: newKeyring(2),
  SESSION_KEYS: newKeyring(1),
};

test("a setting that is left out has its default", () => {
  expect(readEdgeConfig(env)).toMatchObject({
    redis: { url: "https://redis.test", token: "secret-token", timeoutMs: 10_000 },
    origin: { url: "http://127.0.0.1:8788", timeoutMs: 10_000 },
    buckets: {
      user: { tokens: 20, refillPerS: 2 },
      address: { tokens: 20_000, refillPerS: 5_000 },
      read: { tokens: 20_000, refillPerS: 5_000 },
    },
    inFlightMax: 4_000,
    addressHeader: { name: "", hops: 1 },
    protoHeader: { name: "", hops: 1 },
    corsOrigins: [],
  });
  expect(readListenAddress({})).toEqual({ hostname: "127.0.0.1", port: 8787 });
});

test("the origins whose pages may read are a list", () => {
  const CORS_ORIGINS = " https://seats.example ,http://localhost:5173,";
  expect(readEdgeConfig({ ...env, CORS_ORIGINS }).corsOrigins).toEqual([
    "https://seats.example",
    "http://localhost:5173",
  ]);
});

test.each([
  ["UPSTASH_REDIS_REST_URL", "redis://here"],
  ["UPSTASH_REDIS_REST_TOKEN", ""],
  ["ORIGIN_URL", "http://127.0.0.1/path"],
  ["EDGE_KEYS", "a:c2hvcnQ="],
  ["SESSION_KEYS", ""],
  ["USER_BUCKET_TOKENS", "0"],
  ["USER_BUCKET_REFILL_PER_S", "1.5"],
  ["ADDRESS_BUCKET_TOKENS", "many"],
  ["READ_BUCKET_TOKENS", "0"],
  ["REDIS_TIMEOUT_MS", "99999999"],
  ["CLIENT_ADDRESS_HEADER", "a b"],
  ["CLIENT_PROTO_HEADER", "a:b"],
  ["TRUSTED_HOPS", "0"],
  ["CORS_ORIGINS", "*"],
  ["CORS_ORIGINS", "null"],
  ["CORS_ORIGINS", "https://seats.example/"],
  ["CORS_ORIGINS", "https://seats.example, app.example"],
  ["CORS_ORIGINS", "https://Seats.example"],
  ["CORS_ORIGINS", "https://seats.example:443"],
  ["CORS_ORIGINS", "https://*.example"],
  ["CORS_ORIGINS", "file:///home"],
])("%s = %p is refused by its name, and no secret is told", (name, value) => {
  const read = () => readEdgeConfig({ ...env, [name]: value });
  expect(read).toThrow(name);
  try {
    read();
  } catch (error) {
    for (const secret of [env.EDGE_KEYS, env.SESSION_KEYS, env.UPSTASH_REDIS_REST_TOKEN])
      expect(String(error)).not.toContain(secret);
  }
});
