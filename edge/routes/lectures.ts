import {
  LIST_LIMIT_MAX,
  LIST_STATES,
  readListQuery,
  writeListQuery,
} from "../../contract/lecture-list.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { passLectures } from "../lecture-reads.ts";
import { Refused } from "../problem.ts";

/**
 * GET /api/lectures: the lectures anybody may see, soonest first, in pages. `q`, `state`, `day`,
 * `host` and `category` narrow the list; `next` in the answer is the address of the next page.
 */
export function lectures({ origin }: Pick<EdgeDeps, "origin">) {
  return (c: EdgeContext): Promise<Response> => {
    const query = readListQuery(c.req.query());
    if (!query) throw new Refused("invalid_request", { detail });
    const written = writeListQuery(query);
    return passLectures(c, origin, written === "" ? "/lectures" : `/lectures?${written}`);
  };
}

const detail = {
  en: `limit must be 1 to ${LIST_LIMIT_MAX}, state one of ${LIST_STATES.join(", ")}, day as 2026-12-31, q and category short, and after must come from the page before.`,
  zh: `limit 须为 1 至 ${LIST_LIMIT_MAX}，state 须为 ${LIST_STATES.join("、")} 之一，day 形如 2026-12-31，q 与 category 不可过长，after 须来自上一页。`,
};
