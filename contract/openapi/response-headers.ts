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

/** The address of a new lecture. */
export const LOCATION_OF_LECTURE: ZodOpenApiHeadersObject = {
  Location: { description: "the address of the lecture", schema: TEXT, required: true },
};

/** The address of a change of a lecture. */
export const LOCATION_OF_AMENDMENT: ZodOpenApiHeadersObject = {
  Location: { description: "the address of the change", schema: TEXT, required: true },
};

/** The name of this version, for If-None-Match. */
export const ETAG = {
  ETag: { description: "the name of this version", schema: TEXT, required: true },
} satisfies ZodOpenApiHeadersObject;

/** The age of an answer from before an outage, in seconds. */
export const AGE: ZodOpenApiHeadersObject = {
  Age: {
    description: "seconds since the answer was true, where the origin is away",
    schema: { type: "integer", minimum: 0 },
  },
};

/** The answer to a request whose If-None-Match names the present version. */
export const NOT_MODIFIED: ZodOpenApiResponseObject = {
  description: "The known answer is still right.",
  headers: ETAG,
};
