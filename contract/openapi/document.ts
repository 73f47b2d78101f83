import { createDocument, type ZodOpenApiPathsObject } from "zod-openapi";
import packageJson from "../../package.json" with { type: "json" };
import { Availability, Lecture } from "../lecture.ts";
import { Reservation } from "../reservation.ts";
import { ReservationPage } from "../reservation-page.ts";
import { SESSION_COOKIE } from "../session.ts";
import { bookingOperations } from "./booking-operations.ts";
import { lectureOperations } from "./lecture-operations.ts";
import { Problem } from "./refusals.ts";
import { sessionOperations } from "./session-operations.ts";

/** The OpenAPI 3.1 document of the edge's API, from the schemas that edge and origin check by. */
export function apiDocument() {
  return createDocument(
    {
      openapi: "3.1.0",
      info: {
        title: "Lectern",
        version: packageJson.version,
        summary: packageJson.description,
        description: DESCRIPTION,
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: "/", description: "this edge" }],
      tags: [
        { name: "lectures", description: "What there is to book" },
        { name: "booking", description: "Seats: booking, following, giving back" },
        { name: "session", description: "Who is asking" },
      ],
      security: [{ bearer: [] }, { cookie: [] }],
      paths: {
        ...openToAll(lectureOperations),
        ...bookingOperations,
        ...sessionOperations,
      },
      components: {
        schemas: { Problem, Lecture, Availability, Reservation, ReservationPage },
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
          cookie: {
            type: "apiKey",
            in: "cookie",
            name: SESSION_COOKIE,
            description: `Over HTTPS its name is \`__Host-${SESSION_COOKIE}\`. A write must come from a page of this origin.`,
          },
        },
      },
    },
    { override: withoutDatePattern },
  );
}

const DESCRIPTION = `Lectern books lecture seats when thousands of people press in the same second.

A request to book answers 201 (confirmed), 202 (claimed, its decision is on the way) or a refusal. Every
refusal is problem details (RFC 9457) with a stable \`code\`. After a 202, ask \`Location\` again, follow the
events, or send \`Prefer: wait=10\` with the request. After a 503 or a lost answer, send the request again
with the same \`Idempotency-Key\`: the same key gives the same reservation.

Times are RFC 3339 in UTC. Texts follow \`Accept-Language\` (\`en\` or \`zh\`). HEAD answers wherever GET does,
except for events.`;

/** Operations that need no session. */
function openToAll(paths: ZodOpenApiPathsObject): ZodOpenApiPathsObject {
  return Object.fromEntries(
    Object.entries(paths).map(([path, { get, ...others }]) => [
      path,
      { ...others, ...(get && { get: { ...get, security: [] } }) },
    ]),
  );
}

/** The format says all that the long pattern of a time does. */
function withoutDatePattern({ jsonSchema }: { jsonSchema: { format?: string; pattern?: string } }) {
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
}
