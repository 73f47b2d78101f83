import { createMiddleware } from "hono/factory";
import { BUDGET_HEADER } from "../contract/origin-api.ts";
import type { OriginEnv } from "./context.ts";
import { budgetOf, deadlineIn } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { Refusal } from "./refusal.ts";

/** Requests in the house at once, waits and the beginnings of streams included. */
const IN_HOUSE_MAX = 20_000;

/**
 * The first thing every request meets, before its body is read and its signature checked, since turning away has to cost next to nothing
 * when many come: it starts the request's deadline, and refuses what would find no place at the gate of its work.
 */
export function door({ gates }: Pick<OriginDeps, "gates">) {
  let inHouse = 0;
  return createMiddleware<OriginEnv>(async (c, next) => {
    const gate = c.req.method === "POST" ? gates.commands : gates.reads;
    if (inHouse >= IN_HOUSE_MAX || gate.isFull()) throw new Refusal("overloaded");
    c.set("deadline", deadlineIn(budgetOf(c.req.header(BUDGET_HEADER))));
    inHouse += 1;
    try {
      await next();
    } finally {
      inHouse -= 1;
    }
  });
}
