import type { ZodOpenApiHeadersObject, ZodOpenApiResponseObject } from "zod-openapi";

const TEXT = { type: "string" } as const;

/** Seconds to wait before another try. */
export const RETRY_AFTER = {
  "Retry-After": {
    schema: { type: "integer", minimum: 1, description: "seconds to wait" },
    required: true,
  },
} satisfies ZodOpenApiHeadersObject;

/** The address of the reservation. */
export const LOCATION: ZodOpenApiHeadersObject = {
  Location: { description: "the address of the reservation", schema: TEXT, required: true },
};

/** The name of this version, for If-None-Match. */
export const ETAG: ZodOpenApiHeadersObject = {
  ETag: { description: "the name of this version", schema: TEXT, required: true },
};

/** The same, where the origin names the version: an answer without a name is valid too. */
export const ETAG_OF_ORIGIN: ZodOpenApiHeadersObject = {
  ETag: { description: "the name of this version", schema: TEXT },
};

/** The answer to a request whose If-None-Match names the present version. */
export const NOT_MODIFIED: ZodOpenApiResponseObject = {
  description: "The known answer is still right.",
  headers: ETAG,
};
