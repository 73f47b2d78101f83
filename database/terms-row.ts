import type { RowDataPacket } from "mysql2/promise";
import type { Terms } from "../contract/terms.ts";

/** The columns of a row with terms, without the seats: each table has its own name for them. */
export const TERMS_COLUMNS = `
  version, published, cancelled, opens_at AS opensAt, closes_at AS closesAt,
  starts_at AS startsAt, ends_at AS endsAt, cancel_until AS cancelUntil, audience`;

/** A row of these columns, with the seats as `capacity`. */
export interface TermsRow extends RowDataPacket {
  version: number;
  published: number;
  cancelled: number;
  opensAt: Date;
  closesAt: Date;
  startsAt: Date;
  endsAt: Date;
  cancelUntil: Date | null;
  capacity: number;
  audience: string | null;
}

/** The terms of a row. A date that is none becomes NaN; an audience that is no list is nobody. */
export function termsOf(row: TermsRow): Terms {
  return {
    version: row.version,
    published: row.published === 1,
    cancelled: row.cancelled === 1,
    opensAtMs: row.opensAt.getTime(),
    closesAtMs: row.closesAt.getTime(),
    startsAtMs: row.startsAt.getTime(),
    endsAtMs: row.endsAt.getTime(),
    cancelUntilMs: row.cancelUntil === null ? null : row.cancelUntil.getTime(),
    capacity: row.capacity,
    audience: audienceOf(row.audience),
  };
}

/** In no group, so a lecture whose audience cannot be read admits nobody by mistake. */
const NOBODY = [""];

function audienceOf(text: string | null): string[] {
  if (text === null || text === "[]") return [];
  try {
    const groups: unknown = JSON.parse(text);
    return Array.isArray(groups) && groups.every((group) => typeof group === "string")
      ? groups
      : NOBODY;
  } catch {
    return NOBODY;
  }
}
