/**
 * Why an operation on ZooKeeper gave no result:
 * - `unavailable`: there is no connection, so nothing was sent;
 * - `busy`: as many operations are in flight (or callers waiting) as may be, so nothing was sent;
 * - `unknown`: it was sent and no answer came, because of a deadline or a lost connection: it may have happened, or happen yet;
 * - `refused`: ZooKeeper answered with an error, whose number is `code`.
 */
export type ZooKeeperErrorKind = "unavailable" | "busy" | "unknown" | "refused";

export class ZooKeeperError extends Error {
  readonly kind: ZooKeeperErrorKind;
  readonly code: number | undefined;

  constructor(kind: ZooKeeperErrorKind, message: string, code?: number) {
    super(message);
    this.name = "ZooKeeperError";
    this.kind = kind;
    this.code = code;
  }
}
