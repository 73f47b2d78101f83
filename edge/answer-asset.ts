import { codingsFor } from "./accept-encoding.ts";
import { answer } from "./answer.ts";
import type { AssetBody, Assets } from "./assets.ts";
import type { EdgeContext } from "./context.ts";
import { codedTag, hasTag } from "./entity-tag.ts";
import { problem } from "./problem.ts";

/** A file whose name holds its hash never changes. Of any other a cache asks every time. */
const FOR_EVER = "public, max-age=31536000, immutable";
const ASK_EVERY_TIME = "no-cache";

/**
 * Answers with a file in the best coding that the client takes and that lies ready; 304 if the
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
  const { headers: asked } = c.req.raw;
  const coding = codingsFor(asked.get("accept-encoding")).find((coding) => asset[coding]);
  const tag = `"${asset.etag}"`;
  const known = {
    ETag: coding ? codedTag(tag, coding) : tag,
    "Cache-Control": asset.immutable ? FOR_EVER : ASK_EVERY_TIME,
    Vary: "Accept-Encoding",
  };
  if (hasTag(asked.get("if-none-match"), known.ETag)) return answer(c, 304, null, known);
  const headers = {
    ...known,
    ...own,
    "Content-Type": asset.type,
    ...(coding && { "Content-Encoding": coding }),
  };
  if (c.req.method === "HEAD") {
    const length = coding ? asset[coding] : asset.bytes;
    return answer(c, 200, null, { ...headers, "Content-Length": String(length) });
  }
  return encoded(await assets.read(name, coding), answer(c, 200, null, headers));
}

/** `encodeBody`: the body comes in its coding, so that Workers do not code it once more. */
function encoded(body: AssetBody, { status, headers }: Response): Response {
  const init: ResponseInit & { encodeBody: "manual" } = { status, headers, encodeBody: "manual" };
  return new Response(body, init);
}
