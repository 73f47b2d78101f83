import type { SendToRedis } from "../admission/send.ts";
import { type Breaker, createBreaker } from "../runtime/breaker/breaker.ts";
import type { BreakerMetrics } from "../runtime/metrics/breakers.ts";
import { logBreaker } from "./log.ts";

/** This isolate's or process' breaker for one server behind the edge. */
export function breakerOf(server: "redis" | "origin", metrics?: BreakerMetrics): Breaker {
  return createBreaker({ of: server, onChange: (isOpen) => tell(server, isOpen, metrics) });
}

function tell(server: string, isOpen: boolean, metrics: BreakerMetrics | undefined): void {
  logBreaker(server, isOpen);
  metrics?.changed(server, isOpen);
}

/**
 * Whether new claims are taken. The breaker opens at the origin's first answer that the broker
 * takes nothing. It then admits one claim a second until a command is queued. Claims that cannot be
 * queued would only hold seats and be swept.
 */
export function openIntake(metrics?: BreakerMetrics): Breaker {
  const onChange = (isOpen: boolean) => tell("queue", isOpen, metrics);
  return createBreaker({ of: "the queue", failuresMin: 1, silenceMs: 0, onChange });
}

/** Puts the breaker around every request to Redis. An open breaker rejects with BreakerOpen. */
export function guardRedis(send: SendToRedis, breaker: Breaker): SendToRedis {
  return (request) => breaker.run(() => send(request), isRedisOutage);
}

/** Redis refuses one command and serves others: a wrong script, type, right or command. */
const REFUSALS = [
  /^(?:NOSCRIPT|WRONGTYPE|CROSSSLOT|NOPERM) /,
  /^ERR (?:unknown|wrong number of|user_script|Error (?:running|compiling) script)/,
];

/**
 * Whether an error counts as an outage of Redis. Every error does, an exhausted allowance too,
 * except a known refusal of one command. If Redis answers other commands, their answers keep the
 * breaker closed.
 */
export function isRedisOutage(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== "UpstashError") return true;
  return !REFUSALS.some((refusal) => refusal.test(error.message));
}

/**
 * Whether an answer shows trouble of the origin or of a proxy in front of it: any 5xx except a 503
 * in JSON. With that 503 a working origin names what it cannot do now.
 */
export function isOriginOutage(answer: Response): boolean {
  if (answer.status < 500) return false;
  const isHonest =
    answer.status === 503 && answer.headers.get("content-type")?.startsWith("application/json");
  return !isHonest;
}
