import type { Logger } from "pino";
import { isRefusedByRedis } from "../admission/refused.ts";
import { saysUnknownScript } from "../admission/script.ts";
import type { CacheRedis } from "../catalogue/cache/store.ts";
import { noCase } from "../contract/no-case.ts";
import { isDataError } from "../database/data-error.ts";
import type { Database } from "../database/pool.ts";
import type { Schema } from "../database/schemas.ts";
import { ZooKeeperError } from "../pending/zookeeper-error.ts";
import type { Publisher } from "../queue/publisher.ts";
import { type Breaker, createBreaker } from "../runtime/breaker/breaker.ts";
import type { BreakerMetrics } from "../runtime/metrics/breakers.ts";

/**
 * A breaker for one of the servers behind the origin. Each schema has its own: where the catalogue
 * is down, statuses are read all the same.
 */
export function breakerOf(
  server: "zookeeper" | "rabbitmq" | "redis" | `mysql_${Schema}`,
  log: Logger,
  metrics?: BreakerMetrics,
): Breaker {
  return createBreaker({
    of: server,
    onChange: (isOpen) => {
      metrics?.changed(server, isOpen);
      if (isOpen)
        log.error(
          { event: "breaker_opened", server },
          "the server does not answer and is asked once a second",
        );
      else log.info({ event: "breaker_closed", server }, "the server answers again");
    },
  });
}

/**
 * Puts the breaker around the function: while ZooKeeper is down, a call rejects at once with
 * BreakerOpen.
 */
export function guardZooKeeper<Args extends unknown[], T>(
  work: (...args: Args) => Promise<T>,
  breaker: Breaker,
): (...args: Args) => Promise<T> {
  return (...args) => breaker.run(() => work(...args), isZooKeeperOutage);
}

/** `busy` and `refused` come from a ZooKeeper that works; so does a node that cannot be read. */
function isZooKeeperOutage(error: unknown): boolean {
  return (
    error instanceof ZooKeeperError && (error.kind === "unavailable" || error.kind === "unknown")
  );
}

/**
 * Puts the breaker around the publisher. Only a missing confirm is a failure: the publisher itself
 * knows at once of a broker that is not connected or takes nothing.
 */
export function guardPublisher(publisher: Publisher, breaker: Breaker): Publisher {
  return {
    ...publisher,
    async publish(command, traceParent) {
      if (!breaker.admits()) return "unavailable";
      const outcome = await publisher.publish(command, traceParent);
      switch (outcome) {
        case "queued":
        case "unroutable":
          breaker.succeeded();
          return outcome;
        case "unknown":
          breaker.failed();
          return outcome;
        case "full":
        case "unavailable":
          return outcome;
        default:
          return noCase(outcome);
      }
    },
  };
}

/**
 * Puts the breaker around the cache's Redis: while it is down, a call rejects at once with
 * BreakerOpen.
 */
export function guardRedis(redis: CacheRedis, breaker: Breaker): CacheRedis {
  return {
    evalsha: (...args) => breaker.run(() => redis.evalsha(...args), isRedisOutage),
    eval: (...args) => breaker.run(() => redis.eval(...args), isRedisOutage),
  } as CacheRedis;
}

function isRedisOutage(error: unknown): boolean {
  const isUnknownScript = error instanceof Error && saysUnknownScript(error.message);
  return !isUnknownScript && !isRefusedByRedis(error);
}

/** Only a refused value proves that the database serves. Any other error may come from a proxy. */
const isOutage = (error: unknown) => !isDataError(error);

/**
 * Puts the breaker around a database: while its MySQL is down, `withConnection` rejects at once
 * with BreakerOpen.
 */
export function guardDatabase(database: Database, breaker: Breaker): Database {
  return {
    ...database,
    withConnection: (work, acquireTimeoutMs) =>
      breaker.run(() => database.withConnection(work, acquireTimeoutMs), isOutage),
  };
}
