import type { EdgeContext } from "./context.ts";
import { type ProxyHeader, wordOfFirstHop } from "./proxy-header.ts";

/** Whether the client's own side of the way is HTTPS, told from a request's address and headers. */
export type OverTls = (url: string, headers: Headers) => boolean;

/**
 * Reads the client's scheme from the header of a proxy that ends TLS where one is set up and the
 * request has it, else from the request's own address. Set a header only behind a proxy that
 * overwrites it. What depends on the scheme: the name of the session's cookie and `Secure`, HSTS,
 * and which origin is our own.
 */
export function schemeReader({ name, hops }: ProxyHeader): OverTls {
  if (name === "") return isHttps;
  return (url, headers) => {
    const value = headers.get(name);
    if (value === null) return isHttps(url);
    // Most proxies hand on what the first of them wrote, and add no word of their own.
    const word = wordOfFirstHop(value, hops) ?? value.split(",")[0]?.trim();
    return word?.toLowerCase() === "https";
  };
}

function isHttps(url: string): boolean {
  return url.startsWith("https:");
}

/** Whether the client's side of a request on its way through the app is HTTPS. */
export function cameOverTls(c: EdgeContext): boolean {
  return c.env?.isOverTls === true;
}
