import type { EdgeContext } from "./context.ts";
import { Refused } from "./problem.ts";

const VERSION = /^"([1-9][0-9]{0,9})"$/;

/**
 * The version that a change is made for, by If-Match (RFC 9110, 13.1.1); null for `*`, any version.
 * Throws Refused: 428 without the header, 422 where it names something else.
 */
export function versionOf(c: EdgeContext): number | null {
  const header = c.req.header("if-match")?.trim();
  if (header === undefined) throw new Refused("precondition_required", { detail });
  if (header === "*") return null;
  const [, version] = VERSION.exec(header) ?? [];
  if (version === undefined) throw new Refused("invalid_request", { detail });
  return Number(version);
}

const detail = {
  en: 'If-Match must be the ETag of the lecture, such as "3", or * for any version.',
  zh: 'If-Match 须为该讲座的 ETag，例如 "3"；* 表示任意版本。',
};

/** The ETag of a version. */
export function etagOf(version: number): string {
  return `"${version}"`;
}
