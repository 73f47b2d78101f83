import { isDeepStrictEqual } from "node:util";
import { SCHEMAS, type Schema, SETTING_OF, urlsOfSchemas } from "../database/schemas.ts";

/** A setting, and the schemas whose database it names. */
export interface DatabaseSetting {
  setting: string;
  schemas: Schema[];
}

/**
 * The settings that name existing databases: MYSQL_URL where it names all three, otherwise the
 * setting of each schema.
 */
export function databaseSettings(databases: Partial<Record<Schema, string>>): DatabaseSetting[] {
  const { booking } = databases;
  if (booking !== undefined && isDeepStrictEqual(databases, urlsOfSchemas(booking)))
    return [{ setting: "MYSQL_URL", schemas: [...SCHEMAS] }];
  return SCHEMAS.filter((schema) => databases[schema] !== undefined).map((schema) => ({
    setting: SETTING_OF[schema],
    schemas: [schema],
  }));
}
