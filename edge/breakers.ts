import type { SendToRedis } from "../admission/send.ts";
import { type Breaker, createBreaker } from "../breaker/breaker.ts";
import type { BreakerMetrics } from "../metrics/breakers.ts";
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

/** How Redis itself refuses: an error code in capitals, as in NOSCRIPT or WRONGTYPE, in front of the text. */
const REFUSAL = /^[A-Z]+ /;

/** What begins like a refusal and says that Redis serves nobody: from the HTTP front, from one that starts, from a cluster in trouble. */
const OUTAGE = /^(?:NOTSENT|UNKNOWN|LOADING|MASTERDOWN|CLUSTERDOWN) /;

/** Whether an error of the client tells that Redis is down, rather than that it refused what was asked. */
export function isRedisOutage(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== "UpstashError") return true;
  return OUTAGE.test(error.message) || !REFUSAL.test(error.message);
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
