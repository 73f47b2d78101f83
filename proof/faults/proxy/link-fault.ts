/** What a link can do to the connections through it. Bytes count in both directions unless a direction is named. */
export type LinkFault =
  /** every chunk comes late: by the latency and a random part of the jitter, in order */
  | { kind: "delay"; latencyMs: number; jitterMs: number }
  /** connections are accepted, and what is sent is swallowed */
  | { kind: "drop" }
  /** connections are reset, those that are there and every new one */
  | { kind: "reset" }
  /** connections are accepted, and one direction, or both, stands still until it is healed; nothing is lost */
  | { kind: "half_open"; silent: Direction | "both" }
  | { kind: "throttle"; bytesPerS: number }
  /** each connection is reset once so many bytes more have passed, the last chunk only in part */
  | { kind: "cut"; afterBytes: number }
  /** requests arrive; this share of the replies, from 0 to 1, is lost with the connection that should have brought it */
  | { kind: "lose_reply"; share: number };

export type LinkFaultKind = LinkFault["kind"];

/** Which way bytes go: `up` to the server, `down` to whoever asks it. */
export type Direction = "up" | "down";

/** Whether a direction stands still. */
export function isSilent(fault: LinkFault | undefined, direction: Direction): boolean {
  return fault?.kind === "half_open" && (fault.silent === direction || fault.silent === "both");
}
