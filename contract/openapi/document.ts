/*
 * How to add an operation: write it into the file of its tag, beside its neighbours, from the
 * schemas in contract/ that the code checks by. `refusals([…])` names its codes; those that every
 * request may get are added there. A new tag is a file of its own, listed in TAGS below. Then
 * `npm run openapi` writes openapi.json. Tests hold the document to the app's routes, to the table
 * of codes and to every answer that a test gets (test/held-answers/).
 */
import { createDocument } from "zod-openapi";
import packageJson from "../../package.json" with { type: "json" };
import { Host } from "../host.ts";
import { Availability, Lecture } from "../lecture.ts";
import { ImportReport, ShownFault } from "../lecture-file.ts";
import { LecturePage } from "../lecture-list.ts";
import { SeatPage } from "../lecture-reservations.ts";
import { BookedReport } from "../on-behalf.ts";
import { OrganisedLecture, OrganisedPage } from "../organised-lecture.ts";
import { Overlap, Reservation } from "../reservation.ts";
import { ReservationPage } from "../reservation-page.ts";
import { SESSION_COOKIE } from "../session.ts";
import { ShownAmendment, ShownLog } from "../shown-amendment.ts";
import { about } from "./about-operations.ts";
import { booking } from "./booking-operations.ts";
import { lectures } from "./lecture-operations.ts";
import { operating } from "./operating-operations.ts";
import { organising } from "./organiser-operations.ts";
import { Problem } from "./refusals.ts";
import { session } from "./session-operations.ts";
import { pathsOf, type Tag } from "./tag.ts";

/** In the order of the page at /docs. */
const TAGS: Tag[] = [lectures, booking, organising, session, about, operating];

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
      tags: TAGS.map(({ name, description }) => ({ name, description })),
      security: [{ bearer: [] }, { cookie: [] }],
      paths: pathsOf(TAGS),
      components: {
        schemas: {
          Problem,
          Lecture,
          LecturePage,
          Availability,
          Overlap,
          Reservation,
          ReservationPage,
          OrganisedLecture,
          OrganisedPage,
          ShownAmendment,
          ShownLog,
          Host,
          SeatPage,
          BookedReport,
          ImportReport,
          ShownFault,
        },
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
          metrics: {
            type: "http",
            scheme: "bearer",
            description: "the METRICS_TOKEN of this edge",
          },
          cookie: {
            type: "apiKey",
            in: "cookie",
            name: SESSION_COOKIE,
            description:
              `Over HTTPS its name is \`__Host-${SESSION_COOKIE}\`. ` +
              "A write must come from a page of this origin.",
          },
        },
      },
    },
    { override: withoutDatePattern },
  );
}

const DESCRIPTION = `Lectern books lecture seats when thousands of people press in the same second.

A request to book answers 201 (confirmed), 202 (claimed, its decision is on the way) or a refusal.
Every refusal is problem details (RFC 9457) with a stable \`code\`. After a 202, ask \`Location\`
again, follow the events, or send \`Prefer: wait=10\` with the request. After a 503 or a lost
answer, send the request again with the same \`Idempotency-Key\`: the same key gives the same
reservation.

Times are RFC 3339 in UTC. Texts follow \`Accept-Language\` (\`en\` or \`zh\`). HEAD answers
wherever GET does, except for events.`;

/** The format says all that the long pattern of a day or time does. */
function withoutDatePattern({ jsonSchema }: { jsonSchema: { format?: string; pattern?: string } }) {
  const { format } = jsonSchema;
  if (format === "date" || format === "date-time") delete jsonSchema.pattern;
}
