import type { SendToRedis } from "../admission/send.ts";
import { type Breaker, createBreaker } from "../runtime/breaker/breaker.ts";
import type { BreakerMetrics } from "../runtime/metrics/breakers.ts";
import { logBreaker } from "./log.ts";

/** A breaker of this isolate or process for one of the servers behind the edge. */
export function breakerOf(server: "redis" | "origin", metrics?: BreakerMetrics): Breaker {
  return createBreaker({ of: server, onChange: (isOpen) => tell(server, isOpen, metrics) });
}

function tell(server: string, isOpen: boolean, metrics: BreakerMetrics | undefined): void {
  logBreaker(server, isOpen);
  metrics?.changed(server, isOpen);
}

/**
 * Whether new claims are taken. The origin's first answer that the broker takes nothing closes it, and then one claim a second goes through
 * until a command was queued: claims that cannot be queued would only hold seats and be swept.
 */
export function openIntake(metrics?: BreakerMetrics): Breaker {
  const onChange = (isOpen: boolean) => tell("queue", isOpen, metrics);
  return createBreaker({ of: "the queue", failuresMin: 1, silenceMs: 0, onChange });
}

/** Puts the breaker around every request to Redis; an open one rejects with BreakerOpen. */
export function guardRedis(send: SendToRedis, breaker: Breaker): SendToRedis {
  return (request) => breaker.run(() => send(request), isRedisOutage);
}

/**
 * What Redis says of one command while it serves others: a wrong script, type, right or command.
 */
const REFUSAL =
  /^(?:(?:NOSCRIPT|WRONGTYPE|CROSSSLOT|NOPERM) |ERR (?:unknown|wrong number of|user_script|Error (?:running|compiling) script))/;

/**
 * Whether an error of the client tells that Redis is down, rather than that it refused one command.
 * An error that is no known refusal counts as down, an exhausted allowance for one. Where other
 * commands are answered, their answers keep the breaker closed.
 */
export function isRedisOutage(error: unknown): boolean {
  return !(error instanceof Error) || error.name !== "UpstashError" || !REFUSAL.test(error.message);
}

/**
 * Whether an answer is of an origin in trouble, or of what stands before it. A 503 in JSON is neither: the origin is there and tells
 * what it cannot do just now.
 */
export function isOriginOutage(answer: Response): boolean {
  if (answer.status < 500) return false;
  const isHonest =
    answer.status === 503 && answer.headers.get("content-type")?.startsWith("application/json");
  return !isHonest;
}
