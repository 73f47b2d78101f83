import * as z from "zod";
import { refusals } from "./refusals.ts";
import { ETAG, NOT_MODIFIED } from "./response-headers.ts";
import type { Tag } from "./tag.ts";

const READ = {
  security: [],
  requestParams: { header: z.object({ "If-None-Match": z.optional(z.string()) }) },
};

/** What describes the API to people and programs. */
export const about: Tag = {
  name: "about",
  description: "This description, for people and programs",
  paths: {
    "/api/openapi.json": {
      get: {
        ...READ,
        operationId: "getOpenApi",
        summary: "This document",
        responses: {
          "200": {
            description: "OpenAPI 3.1",
            headers: ETAG,
            content: { "application/json": { schema: z.looseObject({ openapi: z.string() }) } },
          },
          "304": NOT_MODIFIED,
          ...refusals(["rate_limited"]),
        },
      },
    },
    "/llms.txt": {
      get: {
        ...READ,
        operationId: "getLlmsTxt",
        summary: "The API in a page of text (llmstxt.org)",
        responses: {
          "200": textAnswer("Markdown", "text/plain; charset=utf-8"),
          "304": NOT_MODIFIED,
          ...refusals(["rate_limited"]),
        },
      },
    },
    "/docs": {
      get: {
        ...READ,
        operationId: "getDocs",
        summary: "This document as a page",
        responses: {
          "200": textAnswer("The page", "text/html; charset=utf-8"),
          "304": NOT_MODIFIED,
          ...refusals(["rate_limited", "route_not_found"]),
        },
      },
    },
    "/assets/{name}": {
      get: {
        ...READ,
        requestParams: { ...READ.requestParams, path: z.object({ name: z.string() }) },
        operationId: "getAsset",
        summary: "A script or style of a page. Its name holds its hash: it never changes",
        responses: {
          "200": textAnswer("The file", "text/javascript; charset=utf-8"),
          "304": NOT_MODIFIED,
          ...refusals(["rate_limited", "route_not_found"]),
        },
      },
    },
  },
};

function textAnswer(description: string, type: string) {
  return { description, headers: ETAG, content: { [type]: { schema: z.string() } } };
}
