/** The guarantees of ARCHITECTURE.md, and one of the simulation itself. */
export type GuaranteeName = "G1" | "G2" | "G3" | "G4" | "G5" | "G6" | "G7" | "A1";

/** What the real code did and must not do. */
export class Breach extends Error {
  override name = "Breach";

  constructor(
    readonly guarantee: GuaranteeName,
    readonly what: string,
  ) {
    super(`${guarantee}: ${what}`);
  }
}
