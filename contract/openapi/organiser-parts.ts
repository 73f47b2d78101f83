import * as z from "zod";
import type {
  ZodOpenApiRequestBodyObject,
  ZodOpenApiResponseObject,
  ZodOpenApiResponsesObject,
} from "zod-openapi";
import { IdempotencyKey } from "../ids.ts";
import type { ProblemCode } from "../problems.ts";
import { OF_A_BODY, OF_A_SESSION, OF_A_WRITE, refusals } from "./refusals.ts";

export const KEY = z.optional(
  IdempotencyKey.meta({
    description: "The name of this intent: the same key changes nothing a second time.",
  }),
);
export const AFTER = z.optional(z.string().meta({ description: "from the page before" }));

/** Refusals of every read for organisers. */
export const OF_A_READ = [...OF_A_SESSION, "forbidden", "rate_limited", "overloaded"] as const;

/** Refusals of every write of an organiser. */
export const OF_AN_ORGANISER = [...OF_A_WRITE, ...OF_A_BODY, "forbidden", "overloaded"] as const;

export function json(description: string, schema: z.ZodType): ZodOpenApiResponseObject {
  return { description, content: { "application/json": { schema } } };
}

export function bodyOf(schema: z.ZodType): ZodOpenApiRequestBodyObject {
  return { required: true, content: { "application/json": { schema } } };
}

export function read(
  success: ZodOpenApiResponseObject,
  codes: readonly ProblemCode[],
): ZodOpenApiResponsesObject {
  return { "200": success, ...refusals([...OF_A_READ, ...codes]) };
}
