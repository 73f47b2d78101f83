/**
 * Strong tags of quoted letters, digits and a few signs. `hasTag` relies on the absence of commas.
 */
const TAG = /^"[\w+/=.:-]{1,100}"$/;

/** A strong tag as it was sent; undefined for a weak or an unusual one. */
export function strongTag(sent: string | null): string | undefined {
  return sent !== null && TAG.test(sent) ? sent : undefined;
}

/** The first 120 bits of the body's SHA-256, as a strong tag. */
export async function tagOf(body: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return `"${btoa(String.fromCharCode(...digest.subarray(0, 15)))}"`;
}

/**
 * The tag of the same body in a content coding. Other bytes need another strong tag (RFC 9110,
 * 8.8.3).
 */
export function codedTag(tag: string, coding: string): string {
  return `${tag.slice(0, -1)}-${coding}"`;
}

/**
 * Whether an If-None-Match header names the tag (RFC 9110, 13.1.2): by itself, in a list, as a weak
 * one, or by `*`. The comparison is weak: a proxy may have weakened the tag.
 *
 * @param ifNoneMatch null without the header
 * @param tag a tag without a comma, so that no text between two tags of a list looks like it
 */
export function hasTag(ifNoneMatch: string | null, tag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.includes(tag) || ifNoneMatch.trim() === "*";
}
