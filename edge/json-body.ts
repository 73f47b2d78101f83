import type { EdgeContext } from "./context.ts";
import { Refused } from "./problem.ts";

const utf8 = new TextDecoder();

/**
 * The JSON value of the request's body; undefined without a body. Throws Refused: 415 for another
 * type or a compressed body, 400 for malformed JSON.
 */
export function readJsonBody(c: EdgeContext): unknown {
  const body = c.get("body");
  if (!body?.length) return undefined;
  const type = c.req.header("content-type") ?? "";
  if (!/^application\/json\s*(?:;|$)/i.test(type))
    throw new Refused("unsupported_media_type", { headers: { Accept: "application/json" } });
  if (!/^(?:identity)?$/i.test(c.req.header("content-encoding") ?? ""))
    throw new Refused("unsupported_media_type", { headers: { "Accept-Encoding": "identity" } });
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    throw new Refused("malformed_json");
  }
}
