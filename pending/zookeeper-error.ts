/**
 * Why an operation on ZooKeeper gave no result:
 * - `unavailable`: there is no connection, so nothing was sent;
 * - `busy`: the most operations (or waiting callers) allowed are there, so nothing was sent;
 * - `unknown`: it was sent and no answer came, because of a timeout or a lost connection. It may
 *   have happened, or may happen yet;
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
