/**
 * What a link can do to its connections. Bytes count in both directions unless a direction is
 * named.
 */
export type LinkFault =
  /** every chunk is late by the latency and a random part of the jitter, in order */
  | { kind: "delay"; latencyMs: number; jitterMs: number }
  /** connections are accepted, and sent bytes are swallowed */
  | { kind: "drop" }
  /** connections are reset, existing and new ones */
  | { kind: "reset" }
  /**
   * connections are accepted, and one direction or both stand still until the heal; nothing is lost
   */
  | { kind: "half_open"; silent: Direction | "both" }
  | { kind: "throttle"; bytesPerS: number }
  /**
   * each connection is reset after this many more bytes, so that the last chunk passes only in part
   */
  | { kind: "cut"; afterBytes: number }
  /**
   * requests arrive; this share of the replies, from 0 to 1, is lost together with its connection
   */
  | { kind: "lose_reply"; share: number };

/** The direction of bytes: `up` to the server, `down` to the client. */
export type Direction = "up" | "down";

/** Says whether a direction stands still. */
export function isSilent(fault: LinkFault | undefined, direction: Direction): boolean {
  return fault?.kind === "half_open" && (fault.silent === direction || fault.silent === "both");
}
