import type { Asset, Encoding } from "../contract/asset-manifest.ts";
import { preferredEncoding } from "./accept-encoding.ts";
import { answer } from "./answer.ts";
import type { AssetBody, Assets } from "./assets.ts";
import type { EdgeContext } from "./context.ts";
import { isKnown } from "./if-none-match.ts";
import { problem } from "./problem.ts";

/** A file whose name holds its hash never changes. Of any other a cache asks every time. */
const FOR_EVER = "public, max-age=31536000, immutable";
const ASK_EVERY_TIME = "no-cache";

/**
 * Answers with a file in the best encoding that the client takes and that lies ready; 304 if the
 * client has it, 404 without such a file.
 *
 * @param own headers of this answer, such as a page's Content-Security-Policy
 */
export async function answerAsset(
  c: EdgeContext,
  assets: Assets,
  name: string,
  own: Record<string, string> = {},
): Promise<Response> {
  const asset = await assets.find(name);
  if (!asset) return problem(c, "route_not_found");
  const encoding = preferredEncoding(c.req.header("accept-encoding"), encodingsOf(asset));
  const known = {
    ETag: `"${asset.etag}${encoding ? `-${encoding}` : ""}"`,
    "Cache-Control": asset.immutable ? FOR_EVER : ASK_EVERY_TIME,
    Vary: "Accept-Encoding",
  };
  if (isKnown(c.req.header("if-none-match"), known.ETag)) return answer(c, 304, null, known);
  const headers = {
    ...known,
    ...own,
    "Content-Type": asset.type,
    ...(encoding && { "Content-Encoding": encoding }),
  };
  if (c.req.method === "HEAD") {
    const length = encoding ? asset[encoding] : asset.bytes;
    return answer(c, 200, null, { ...headers, "Content-Length": String(length) });
  }
  return encoded(await assets.read(name, encoding), answer(c, 200, null, headers));
}

function encodingsOf(asset: Asset): Encoding[] {
  return (["br", "gzip"] as const).filter((encoding) => asset[encoding] !== undefined);
}

/** `encodeBody`: the body comes in its encoding, so that Workers do not encode it once more. */
function encoded(body: AssetBody, { status, headers }: Response): Response {
  const init: ResponseInit & { encodeBody: "manual" } = { status, headers, encodeBody: "manual" };
  return new Response(body, init);
}
