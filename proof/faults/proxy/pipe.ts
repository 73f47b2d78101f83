import type { Socket } from "node:net";
import { type Direction, isSilent, type LinkFault } from "./link-fault.ts";

export interface FaultyLink {
  /** the link's current fault */
  faultNow: () => LinkFault | undefined;
  random: () => number;
}

/** A connection through a link: both directions share it. */
export interface Connection {
  /** the bytes that may still pass while the link cuts */
  allowanceBytes: number;
  /** bytes were lost, so the connection must not be used again */
  isPoisoned: boolean;
  reset(): void;
}

export interface Ends {
  from: Socket;
  to: Socket;
  direction: Direction;
}

export interface Pipe {
  /** reads the fault again: halted bytes go on */
  resume(): void;
  /** discards the waiting bytes */
  close(): void;
}

/**
 * The greatest number of waiting bytes per direction and connection. The rest stays with the
 * sender, whose own window fills up.
 */
const WAITING_BYTES_MAX = 256 * 1_024;

/** Carries the bytes of one direction of a connection under the link's current fault. */
export function openPipe(
  { faultNow, random }: FaultyLink,
  connection: Connection,
  { from, to, direction }: Ends,
): Pipe {
  const waiting: (Buffer | "end")[] = [];
  let waitingBytes = 0;
  let timer: Timer | undefined;
  let lastDueAtMs = 0;
  let closed = false;

  from.on("data", (chunk: Buffer) => take(chunk));
  from.on("end", () => take("end"));
  to.on("drain", () => resume());

  function take(chunk: Buffer | "end"): void {
    if (closed) return;
    const fault = faultNow();
    if (fault?.kind === "drop") {
      connection.isPoisoned = true;
      return;
    }
    if (chunk !== "end" && isLostReply(fault)) {
      connection.reset();
      return;
    }
    waiting.push(chunk);
    waitingBytes += sizeOf(chunk);
    if (waitingBytes > WAITING_BYTES_MAX) from.pause();
    forward();
  }

  function isLostReply(fault: LinkFault | undefined): boolean {
    return fault?.kind === "lose_reply" && direction === "down" && random() < fault.share;
  }

  function resume(): void {
    clearTimeout(timer);
    timer = undefined;
    forward();
  }

  function forward(): void {
    if (closed || timer) return;
    while (waiting[0] !== undefined) {
      const fault = faultNow();
      if (isSilent(fault, direction) || to.writableNeedDrain) return;
      const waitMs = waitOf(fault, waiting[0]);
      if (waitMs > 0) {
        timer = setTimeout(deliverAndGoOn, waitMs);
        return;
      }
      if (!deliver()) return;
    }
  }

  function deliverAndGoOn(): void {
    timer = undefined;
    if (isSilent(faultNow(), direction)) return;
    if (deliver()) forward();
  }

  /** Returns whether the connection still exists. */
  function deliver(): boolean {
    const chunk = waiting.shift();
    if (chunk === undefined || closed) return false;
    waitingBytes -= sizeOf(chunk);
    if (waitingBytes <= WAITING_BYTES_MAX / 2) from.resume();
    if (chunk === "end") {
      to.end();
      return true;
    }
    const fault = faultNow();
    if (fault?.kind !== "cut") {
      to.write(chunk);
      return true;
    }
    const left = connection.allowanceBytes;
    connection.allowanceBytes -= chunk.length;
    if (chunk.length < left) {
      to.write(chunk);
      return true;
    }
    // The last bytes go out before the reset. Otherwise the other side would never see a cut in the
    // middle.
    if (left > 0) to.write(chunk.subarray(0, left), connection.reset);
    else connection.reset();
    return false;
  }

  /** How long a chunk must still wait, in milliseconds. */
  function waitOf(fault: LinkFault | undefined, chunk: Buffer | "end"): number {
    const nowMs = performance.now();
    if (fault?.kind === "delay") {
      const dueAtMs = nowMs + fault.latencyMs + random() * fault.jitterMs;
      lastDueAtMs = Math.max(lastDueAtMs, dueAtMs);
      return lastDueAtMs - nowMs;
    }
    if (fault?.kind === "throttle") {
      const tookMs = (sizeOf(chunk) / fault.bytesPerS) * 1_000;
      lastDueAtMs = Math.max(lastDueAtMs, nowMs) + tookMs;
      return lastDueAtMs - nowMs;
    }
    return 0;
  }

  return {
    resume,
    close() {
      closed = true;
      clearTimeout(timer);
      waiting.length = 0;
    },
  };
}

function sizeOf(chunk: Buffer | "end"): number {
  return chunk === "end" ? 0 : chunk.length;
}
