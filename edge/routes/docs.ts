import { answerAsset } from "../answer-asset.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";

/**
 * The page loads nothing from any other host and runs no inline script. The reference sets its
 * styles at run time, so inline styles are let in.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** GET /docs: the API's reference as a page. */
export function docs({ assets }: Pick<EdgeDeps, "assets">) {
  return (c: EdgeContext): Promise<Response> =>
    answerAsset(c, assets, "docs.html", {
      "Content-Security-Policy": POLICY,
      "Referrer-Policy": "no-referrer",
    });
}
