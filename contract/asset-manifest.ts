import * as z from "zod";

/** The content codings in which a file may lie beside itself, with the end of that file's name. */
export const CODINGS = { br: ".br", gzip: ".gz" } as const;
export type Coding = keyof typeof CODINGS;

/** A file that the edge serves. `br` and `gzip`: the length of the file in that coding. */
export const Asset = z.object({
  type: z.string(),
  /** names the file's content, without quotes */
  etag: z.string(),
  /** whether the file's name changes with its content */
  immutable: z.boolean(),
  bytes: z.int(),
  br: z.optional(z.int()),
  gzip: z.optional(z.int()),
});
export type Asset = z.infer<typeof Asset>;

/**
 * What the directory of files holds. A file outside of this list is never served. `builtFrom` names
 * the sources of the files.
 */
export const AssetManifest = z.object({
  builtFrom: z.string(),
  files: z.record(z.string(), Asset),
});
export type AssetManifest = z.infer<typeof AssetManifest>;

/** The manifest's own name in the directory. */
export const MANIFEST_FILE = "manifest.json";
