import { type DatabaseAddress, databaseUrl, readDatabaseUrl } from "./address.ts";

/** The schemas. No statement joins two of them, so each may have a server of its own. */
export const SCHEMAS = ["booking", "catalogue", "people"] as const;
export type Schema = (typeof SCHEMAS)[number];

/** The setting that names the database of each schema. */
export const SETTING_OF = {
  booking: "BOOKING_MYSQL_URL",
  catalogue: "CATALOGUE_MYSQL_URL",
  people: "PEOPLE_MYSQL_URL",
} as const satisfies Record<Schema, string>;

/**
 * The three databases on one server, from the address of the first: `name` is the booking schema,
 * beside it stand `name_catalogue` and `name_people`. Throws WrongDatabaseUrl.
 */
export function urlsOfSchemas(url: string): Record<Schema, string> {
  const address = readDatabaseUrl(url);
  const beside = (schema: Schema): DatabaseAddress => ({
    ...address,
    database: `${address.database}_${schema}`,
  });
  return {
    booking: url,
    catalogue: databaseUrl(beside("catalogue")),
    people: databaseUrl(beside("people")),
  };
}
