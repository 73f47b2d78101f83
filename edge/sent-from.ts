/**
 * Where a request was sent from, as its browser says: from a page of this very origin, or from elsewhere. A sibling domain is elsewhere, although
 * SameSite cookies travel with what it sends. `untold`: an old browser, or no browser at all.
 */
export type SentFrom = "here" | "elsewhere" | "untold";

/**
 * Reads where a request was sent from.
 *
 * @param url the request's own address, whose host is the one the client asked for
 * @param isOverTls whether the client's side is HTTPS
 */
export function sentFrom(url: string, headers: Headers, isOverTls: boolean): SentFrom {
  const origin = headers.get("origin");
  if (origin !== null && origin !== OPAQUE) return isOwnOrigin(origin, url, isOverTls) ? "here" : "elsewhere";
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" ? "here" : "elsewhere";
  return origin === null ? "untold" : "elsewhere";
}

/** What a browser says in place of an origin that it tells nobody: of a sandboxed page, and of a page of ours with `no-referrer`. */
const OPAQUE = "null";

/** A browser writes an origin in one spelling, and the host in the request's address in the same. */
function isOwnOrigin(origin: string, url: string, isOverTls: boolean): boolean {
  const scheme = isOverTls ? "https://" : "http://";
  if (!origin.startsWith(scheme)) return false;
  const host = origin.slice(scheme.length);
  const at = url.indexOf("//") + 2;
  return host !== "" && url.startsWith(host, at) && url.indexOf("/", at) === at + host.length;
}
