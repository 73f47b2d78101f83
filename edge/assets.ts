import {
  type Asset,
  AssetManifest,
  CODINGS,
  type Coding,
  MANIFEST_FILE,
} from "../contract/asset-manifest.ts";

/** The bytes of a file, at once or as they come. */
export type AssetBody = Uint8Array<ArrayBuffer> | ReadableStream;

/**
 * Reads a file of the deployment's directory by its name; undefined where it is missing. Each
 * runtime has its own way.
 */
export type ReadAsset = (name: string) => Promise<AssetBody | undefined>;

/** The files that the edge serves. */
export interface Assets {
  /** What the manifest says of a file; undefined if the manifest does not name it. */
  find(name: string): Promise<Asset | undefined>;
  /** The bytes of a file that the manifest names. Throws if they are missing. */
  read(name: string, coding: Coding | undefined): Promise<AssetBody>;
}

/**
 * Opens the files of a deployment. The manifest alone says which files there are, so no name of a
 * request reaches the directory. The manifest is read once. A deployment without a directory has no
 * files.
 */
export function openAssets(readAsset: ReadAsset = async () => undefined): Assets {
  let files: Map<string, Asset> | undefined;

  // A request of a Worker may not await another request's promise, so the finished list is kept.
  async function filesOf(): Promise<Map<string, Asset> | undefined> {
    if (files) return files;
    const body = await readAsset(MANIFEST_FILE);
    if (!body) return undefined;
    files = new Map(Object.entries(AssetManifest.parse(await new Response(body).json()).files));
    return files;
  }

  return {
    find: async (name) => (await filesOf())?.get(name),
    async read(name, coding) {
      const body = await readAsset(coding ? name + CODINGS[coding] : name);
      if (!body) throw new Error("a file of the manifest is missing");
      return body;
    },
  };
}
