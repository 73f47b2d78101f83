import type { EdgeContext } from "./context.ts";
import { type ProxyHeader, wordOfFirstHop } from "./proxy-header.ts";

/** Whether the client's side of the connection is HTTPS, by a request's address and headers. */
export type OverTls = (url: string, headers: Headers) => boolean;

/**
 * Reads the client's scheme from the header of the proxy that ends TLS. Without a header in
 * settings or request, the request's own address decides. Set a header only behind a proxy that
 * overwrites it. The scheme decides HSTS, the session cookie's name and `Secure`, and the edge's
 * own origin.
 */
export function schemeReader({ name, hops }: ProxyHeader): OverTls {
  if (name === "") return isHttps;
  return (url, headers) => {
    const value = headers.get(name);
    if (value === null) return isHttps(url);
    // Most proxies pass on the first proxy's word, and add none of their own.
    const word = wordOfFirstHop(value, hops) ?? value.split(",")[0]?.trim();
    return word?.toLowerCase() === "https";
  };
}

function isHttps(url: string): boolean {
  return url.startsWith("https:");
}

/** Whether the client's side of a request inside the app is HTTPS. */
export function cameOverTls(c: EdgeContext): boolean {
  return c.env?.isOverTls === true;
}
