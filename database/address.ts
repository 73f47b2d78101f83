/** Address of a database, as a setting holds it. */
export interface DatabaseAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  tls: Tls;
}

/** `verified`: a known authority's certificate for this host; `unverified`: any certificate. */
export type Tls = "off" | "verified" | "unverified";

/** The form of an address. */
const DATABASE_URL_FORM = "mysql://user:password@host:3306/database";

const PORT = 3306;

/** By parameter and value: `tls` as in Go's driver, `ssl-mode` as in MySQL's own programs. */
const TLS_PARAMETERS: Record<string, Record<string, Tls>> = {
  tls: { true: "verified", "skip-verify": "unverified", false: "off" },
  "ssl-mode": {
    verify_identity: "verified",
    verify_ca: "verified",
    required: "unverified",
    disabled: "off",
  },
};

/** The fault of an address. The message quotes nothing of the address, which holds a password. */
export class WrongDatabaseUrl extends Error {
  override name = "WrongDatabaseUrl";
}

/**
 * Reads `mysql://user:password@host:port/database`, also with `mariadb:`. Throws WrongDatabaseUrl.
 */
export function readDatabaseUrl(text: string): DatabaseAddress {
  const url = URL.parse(text);
  if (!url || !/^(mysql|mariadb):$/.test(url.protocol) || url.hostname === "")
    throw new WrongDatabaseUrl(`not of the form ${DATABASE_URL_FORM}`);
  const database = decoded(url.pathname.slice(1));
  if (database === "") throw new WrongDatabaseUrl(`names no database: ${DATABASE_URL_FORM}`);
  if (database.includes("/")) throw new WrongDatabaseUrl("names a database with a slash");
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? PORT : Number(url.port),
    user: decoded(url.username),
    password: decoded(url.password),
    database,
    tls: tlsOf(url.searchParams),
  };
}

/** The fault of an address; undefined for a readable one. */
export function faultOfDatabaseUrl(text: string): string | undefined {
  try {
    readDatabaseUrl(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Writes an address as readDatabaseUrl and dbmate's driver read it. */
export function databaseUrl({
  host,
  port,
  user,
  password,
  database,
  tls,
}: DatabaseAddress): string {
  const url = new URL(`mysql://${host.includes(":") ? `[${host}]` : host}:${port}`);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password);
  url.pathname = `/${encodeURIComponent(database)}`;
  if (tls !== "off") url.searchParams.set("tls", tls === "verified" ? "true" : "skip-verify");
  return url.href;
}

/** The address for mysql2, without the database, which may not exist yet. */
export function connectionOptions({ host, port, user, password, tls }: DatabaseAddress) {
  const isVerified = tls === "verified";
  const ssl = { rejectUnauthorized: isVerified, verifyIdentity: isVerified };
  return { host, port, user, password, ...(tls !== "off" && { ssl }) };
}

function tlsOf(parameters: URLSearchParams): Tls {
  let tls: Tls = "off";
  for (const [name, value] of parameters) {
    const values = TLS_PARAMETERS[name];
    if (!values) throw new WrongDatabaseUrl("takes no parameter but tls or ssl-mode");
    const chosen = values[value.toLowerCase()];
    if (!chosen) throw new WrongDatabaseUrl(`${name} is one of ${Object.keys(values).join(", ")}`);
    tls = chosen;
  }
  return tls;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new WrongDatabaseUrl("holds a bare %: write %25");
  }
}
