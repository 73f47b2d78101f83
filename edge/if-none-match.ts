/**
 * Whether an If-None-Match header names this ETag, or any (RFC 9110, 13.1.2). The comparison is
 * weak: a proxy may have weakened the tag.
 */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch
    .split(",")
    .map((tag) => tag.trim())
    .some((tag) => tag === "*" || tag.replace(/^W\//, "") === etag);
}
