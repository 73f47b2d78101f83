import type { RequestName } from "../cost/meter.ts";
import type { Text } from "./sheet.ts";

/** A place that books its lectures with Lectern. What stands here is assumed, not measured. */
export interface Demand {
  title: Text;
  /** requests a second at the edge in the busiest seconds */
  peakPerS: number;
  /** lectures that are sold out and pressed for at the same time */
  hotLectures: number;
  /** confirmed claims that Redis keeps, of all lectures whose window closed less than 30 days ago */
  claims: number;
  /** reservations written in a year */
  rowsPerYear: number;
}

export const DEMANDS: Demand[] = [
  {
    title: { en: "campus of 50,000", zh: "5 万人的校园" },
    peakPerS: 20_000,
    hotLectures: 5,
    claims: 20_000,
    rowsPerYear: 300_000,
  },
  {
    title: { en: "city of 5 million", zh: "500 万人的城市" },
    peakPerS: 200_000,
    hotLectures: 200,
    claims: 1_000_000,
    rowsPerYear: 20_000_000,
  },
  {
    title: { en: "country at 1,000,000/s", zh: "每秒 100 万请求的国家" },
    peakPerS: 1_000_000,
    hotLectures: 2_000,
    claims: 10_000_000,
    rowsPerYear: 200_000_000,
  },
];

/** The shares of a rush's requests: assumed. Most who press are too late, and many look before they press. */
export const MIX: Partial<Record<RequestName, number>> = {
  confirmedWaiting: 0.02,
  refusedByRedis: 0.05,
  soldOutNewToken: 0.63,
  availability: 0.28,
  status: 0.02,
};

/** Twice of everything: no part is planned above half of what was measured. */
export const SAFETY = 2;
