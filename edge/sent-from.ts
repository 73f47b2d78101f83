/**
 * `here`: a page of this very origin sent the request, by its browser's word. `elsewhere`: any
 * other page, a sibling domain's too, although SameSite cookies travel with its requests. `untold`:
 * an old browser, or no browser.
 */
export type SentFrom = "here" | "elsewhere" | "untold";

/**
 * Reads where a request was sent from.
 *
 * @param url the request's own address, with the host that the client asked for
 * @param isOverTls whether the client's side is HTTPS
 */
export function sentFrom(url: string, headers: Headers, isOverTls: boolean): SentFrom {
  const origin = headers.get("origin");
  if (origin !== null && origin !== OPAQUE)
    return isOwnOrigin(origin, url, isOverTls) ? "here" : "elsewhere";
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" ? "here" : "elsewhere";
  return origin === null ? "untold" : "elsewhere";
}

/**
 * A browser's word for a hidden origin: that of a sandboxed page, or of a page with the policy
 * `no-referrer`, which may be ours.
 */
const OPAQUE = "null";

/** Compares by text: a browser spells the host alike in Origin and in the request's address. */
function isOwnOrigin(origin: string, url: string, isOverTls: boolean): boolean {
  const scheme = isOverTls ? "https://" : "http://";
  if (!origin.startsWith(scheme)) return false;
  const host = origin.slice(scheme.length);
  const at = url.indexOf("//") + 2;
  return host !== "" && url.startsWith(host, at) && url.indexOf("/", at) === at + host.length;
}
