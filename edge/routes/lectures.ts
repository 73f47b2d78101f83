import {
  LIST_LIMIT_MAX,
  LIST_STATES,
  readListQuery,
  writeListQuery,
} from "../../contract/lecture-list.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { askLectures, STALE_FOR_MS } from "../kept-lectures.ts";
import { answerKept } from "../kept-route.ts";
import { Refused } from "../problem.ts";

/**
 * GET /api/lectures: the published lectures, soonest first, in pages. `q`, `state`, `day`,
 * `host` and `category` narrow the list; `next` in the answer is the address of the next page.
 */
export function lectures(deps: Pick<EdgeDeps, "origin" | "compress" | "keptReads" | "metrics">) {
  const { origin, compress } = deps;
  return answerKept(deps, (c: EdgeContext) => {
    const query = readListQuery(c.req.query());
    if (!query) throw new Refused("invalid_request", { detail });
    const written = writeListQuery(query);
    const key = written === "" ? "/lectures" : `/lectures?${written}`;
    return {
      key,
      of: "lectures",
      route: "GET /api/lectures",
      ask: askLectures(origin, compress, key),
      staleForMs: STALE_FOR_MS,
    };
  });
}

const detail = {
  en:
    `limit must be 1 to ${LIST_LIMIT_MAX}, state one of ${LIST_STATES.join(", ")}, ` +
    "day as 2026-12-31, q and category short, and after must come from the page before.",
  zh:
    `limit 须为 1 至 ${LIST_LIMIT_MAX}，state 须为 ${LIST_STATES.join("、")} 之一，` +
    "day 形如 2026-12-31，q 与 category 不可过长，after 须来自上一页。",
};
