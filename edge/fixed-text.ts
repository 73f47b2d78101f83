import { answer } from "./answer.ts";
import type { EdgeContext } from "./context.ts";
import { hasTag, tagOf } from "./entity-tag.ts";

/** How long a cache may keep it, in seconds: a new deployment may change it. */
const FRESH = "public, max-age=300";

/**
 * Answers with a text that never changes while the isolate or process runs. The text and its ETag
 * are made once, at the first request.
 */
export function fixedText(type: string, make: () => string) {
  let made: { text: string; headers: { ETag: string; "Cache-Control": string } } | undefined;
  return async (c: EdgeContext): Promise<Response> => {
    made ??= await textWithTag(make());
    const { text, headers } = made;
    if (hasTag(c.req.raw.headers.get("if-none-match"), headers.ETag))
      return answer(c, 304, null, headers);
    return answer(c, 200, text, { ...headers, "Content-Type": type });
  };
}

async function textWithTag(text: string) {
  const ETag = await tagOf(new TextEncoder().encode(text));
  return { text, headers: { ETag, "Cache-Control": FRESH } };
}
