/** Where a Redis listens, and how to sign in there. */
export interface RedisAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  /** the numbered database; 0 by default */
  database: number;
}

const REDIS_PORT = 6379;

/** Reads `redis://[user:password@]host[:port][/database]`. Throws a TypeError for anything else. */
export function parseRedisUrl(text: string): RedisAddress {
  const url = new URL(text);
  const database = /^\/?(\d{0,4})$/.exec(url.pathname)?.[1];
  if (url.protocol !== "redis:" || url.hostname === "" || database === undefined) {
    throw new TypeError("a Redis URL looks like redis://[user:password@]host[:port][/database]");
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? REDIS_PORT : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: Number(database),
  };
}
