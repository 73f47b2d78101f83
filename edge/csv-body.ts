import { isCsvType } from "../contract/csv-files.ts";
import type { EdgeContext } from "./context.ts";
import { Refused } from "./problem.ts";

/**
 * The bytes of a CSV file in the request's body; undefined for a body of another type. Throws
 * Refused (415) for a compressed file.
 */
export function readCsvBody(c: EdgeContext): Uint8Array<ArrayBuffer> | undefined {
  if (!isCsvType(c.req.header("content-type"))) return undefined;
  if (!/^(?:identity)?$/i.test(c.req.header("content-encoding") ?? ""))
    throw new Refused("unsupported_media_type", { headers: { "Accept-Encoding": "identity" } });
  return c.get("body") ?? new Uint8Array();
}
