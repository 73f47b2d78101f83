import type { RequestName } from "../cost/meter.ts";

/** An institution that books with Lectern. These numbers are assumed, not measured. */
export interface Demand {
  title: string;
  /** requests per second at the edge in the busiest seconds */
  peakPerS: number;
  /** lectures sold out and pressed for at the same time */
  hotLectures: number;
  /** confirmed claims in Redis, of all lectures whose window closed less than 30 days ago */
  claims: number;
  /** reservations written per year */
  rowsPerYear: number;
}

export const DEMANDS: Demand[] = [
  {
    title: "campus of 50,000",
    peakPerS: 20_000,
    hotLectures: 5,
    claims: 20_000,
    rowsPerYear: 300_000,
  },
  {
    title: "city of 5 million",
    peakPerS: 200_000,
    hotLectures: 200,
    claims: 1_000_000,
    rowsPerYear: 20_000_000,
  },
  {
    title: "country at 1,000,000/s",
    peakPerS: 1_000_000,
    hotLectures: 2_000,
    claims: 10_000_000,
    rowsPerYear: 200_000_000,
  },
];

/**
 * The assumed shares of a rush's requests. Most presses are too late, and many students look before
 * they press.
 */
export const MIX: Partial<Record<RequestName, number>> = {
  confirmedWaiting: 0.02,
  refusedByRedis: 0.05,
  soldOutNewToken: 0.63,
  availability: 0.28,
  status: 0.02,
};

/** The safety factor: no part is planned above half of its measured capacity. */
export const SAFETY = 2;
