import type { Measurement } from "../measurement.ts";
import { type Bytes, measureBytes } from "./bytes.ts";
import { measureRequests, type RequestCosts } from "./requests.ts";

/** The cost of a reservation: CPU of every process, and bytes in every server. */
export interface Cost extends RequestCosts {
  bytes: Bytes;
}

export const cost: Measurement<Cost> = {
  says: "CPU and bytes of one reservation",
  async measure(bench) {
    const requests = await measureRequests(bench);
    return { ...requests, bytes: await measureBytes(bench) };
  },
};
