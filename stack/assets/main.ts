import { relative } from "node:path";
import { ASSETS_DIR, ROOT } from "../layout.ts";
import { buildAssets } from "./build.ts";

/** `npm run assets`: builds the files that `wrangler deploy` uploads beside the Worker. */
await buildAssets();
console.log(`the files of pages are in ${relative(ROOT, ASSETS_DIR)}/`);
