/**
 * The guarantees of ARCHITECTURE.md, and more.
 * A1: admission counts right. While Redis has lost no data, every user let in gets a seat. While
 * people are admitted, every decided seat counts as taken.
 * T1–T3: amendments. A version rises by 1 with each, and Redis has MySQL's terms at rest. A capacity
 * is what was asked for, or what was given. Nobody who was let in is told "sold out" because of a cut.
 * O1: a command that is queued as refused alone is never confirmed, and no other is rejected for it.
 * L1: where ZooKeeper elects the leader, there are never two at once.
 */
export type GuaranteeName =
  | "G1"
  | "G2"
  | "G3"
  | "G4"
  | "G5"
  | "G6"
  | "G7"
  | "G8"
  | "T1"
  | "T2"
  | "T3"
  | "O1"
  | "A1"
  | "L1";

/** A guarantee that the real code broke. */
export class Breach extends Error {
  override name = "Breach";

  constructor(
    readonly guarantee: GuaranteeName,
    readonly what: string,
  ) {
    super(`${guarantee}: ${what}`);
  }
}
