/**
 * Redis gave no answer. `NOTSENT`: the commands never left, so they may be sent again. `UNKNOWN`:
 * they left and may have run. UNKNOWN is no failure, and the front never sends commands again.
 */
export class Unavailable extends Error {
  constructor(
    readonly code: "NOTSENT" | "UNKNOWN",
    readonly httpStatus: 503 | 504,
    detail: string,
  ) {
    super(`${code} ${detail}`);
  }
}
