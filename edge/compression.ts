import type { Coding } from "../contract/asset-manifest.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** Codes a body in every coding that the runtime has. */
export type Compress = (body: Bytes) => Promise<[Coding, Bytes][]>;

/** For runtimes with the web's streams only, such as Workers: gzip. */
export const compressByStream: Compress = async (body) => {
  const coded = new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"));
  return [["gzip", new Uint8Array(await new Response(coded).arrayBuffer())]];
};
