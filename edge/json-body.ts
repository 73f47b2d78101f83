import type { EdgeContext } from "./context.ts";
import { Refused } from "./problem.ts";

/** No request to this API has anything long to say. */
export const BODY_BYTES_MAX = 16 * 1_024;

/**
 * The JSON value of the request's body, or undefined when it has none. Throws Refused: 415 for another type, 400 when
 * malformed.
 */
export async function readJsonBody(c: EdgeContext): Promise<unknown> {
  if (!c.req.raw.body) return undefined;
  const text = await c.req.text();
  if (text === "") return undefined;
  const type = c.req.header("Content-Type") ?? "";
  if (!/^application\/json\s*(?:;|$)/i.test(type)) throw new Refused("unsupported_media_type");
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused("malformed_json");
  }
}
