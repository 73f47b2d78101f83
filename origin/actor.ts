import type { Context } from "hono";
import { type Actor, readActor } from "../contract/actor.ts";
import type { OriginEnv } from "./context.ts";
import { Refusal } from "./refusal.ts";

/**
 * The actor that the edge's signed request names. Throws Refusal unless the actor may run lectures.
 */
export function actorOf(c: Context<OriginEnv>): Actor {
  const actor = readActor(c.req.query());
  if (!actor) throw new Refusal("forbidden");
  return actor;
}

/** As actorOf; throws Refusal for anybody but an admin. */
export function adminOf(c: Context<OriginEnv>): Actor {
  const actor = actorOf(c);
  if (actor.role !== "admin") throw new Refusal("forbidden");
  return actor;
}
