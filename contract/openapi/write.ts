import { apiDocument } from "./document.ts";

/** The document as the edge serves it. */
export const OPENAPI_FILE = new URL("./openapi.json", import.meta.url).pathname;

/** `npm run openapi`: writes the document from the schemas. */
if (import.meta.main) await Bun.write(OPENAPI_FILE, writtenDocument());

/** The text of the file. */
export function writtenDocument(): string {
  return `${JSON.stringify(apiDocument(), null, 2)}\n`;
}
