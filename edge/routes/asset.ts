import { answerAsset } from "../answer-asset.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";

/** GET /assets/:name: a script or style of a page. */
export function asset({ assets }: Pick<EdgeDeps, "assets">) {
  return (c: EdgeContext): Promise<Response> =>
    answerAsset(c, assets, `assets/${c.req.param("name")}`);
}
