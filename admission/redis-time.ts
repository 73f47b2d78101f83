/** Reads the reply to TIME, in seconds and microseconds. Gives Unix milliseconds, or undefined. */
export function readTime(reply: unknown): number | undefined {
  if (!Array.isArray(reply)) return undefined;
  const [seconds, micros] = reply.map(Number);
  const nowMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  return Number.isSafeInteger(nowMs) ? nowMs : undefined;
}
