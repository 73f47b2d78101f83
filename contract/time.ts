import * as z from "zod";

/** The end of the year 9999, in Unix milliseconds: the latest time of MySQL's DATETIME. */
export const LATEST_MS = 253_402_300_799_999;

/** Unix milliseconds that MySQL can hold. */
export const TimeMs = z.int().check(z.gte(0), z.lte(LATEST_MS));
