import { readClaim } from "../../admission/find-claim.ts";
import type { Operation, Process } from "./kernel.ts";
import { type FaultKind, WRONG_MS } from "./profile.ts";
import type { RedisContents } from "./redis/data.ts";
import type { World } from "./world.ts";

/**
 * All faults, one function each. A function returns false if the fault's target is absent.
 */
export function createFaults(world: World) {
  const { kernel, redis, zooKeeper, mysql, broker, journal, profile } = world;
  const { random, pick } = kernel;
  let older = redis.data.copy();

  function living(...parts: ReadonlyMap<string, { process: Process }>[]): Process[] {
    const processes = parts.flatMap((part) => [...part.values()].map(({ process }) => process));
    return processes.filter(({ alive }) => alive);
  }

  function hit<Target>(target: Target | undefined, happen: (target: Target) => void): boolean {
    if (target !== undefined) happen(target);
    return target !== undefined;
  }

  function hitOperation(
    may: (operation: Operation) => boolean,
    happen: (operation: Operation) => void,
  ): boolean {
    return hit(pick(kernel.operations.filter(may)), happen);
  }

  /**
   * Claims that are absent from this copy and unknown to every other server are forgotten for good.
   */
  function loseData(copy: RedisContents, lose = redis.restart): void {
    const before = heldRids();
    lose(copy);
    const left = heldRids();
    const pending = zooKeeper.pending();
    for (const rid of before) {
      const known =
        left.has(rid) ||
        mysql.tables.rows().has(rid) ||
        broker.holds(rid) ||
        pending.some((path) => path.includes(rid));
      if (!known) journal.forgotten.add(rid);
    }
  }

  function heldClaims() {
    const claims = world.lectureIds.flatMap((lectureId) =>
      [...redis.claims(lectureId)].map(([userId, value]) => ({
        lectureId,
        userId,
        ...readClaim(value),
      })),
    );
    return claims.filter(({ state }) => state === "held");
  }

  function heldRids(): Set<string> {
    return new Set(heldClaims().map(({ rid }) => rid));
  }

  function drawWrong(): number {
    return Math.floor((2 * random() - 1) * WRONG_MS);
  }

  function changeLeaders(): boolean {
    if (profile.leaders === "elected") return false;
    world.leaders.clear();
    for (const name of world.workers.keys()) if (random() < 0.6) world.leaders.add(name);
    return true;
  }

  /** A fault that needs no target returns nothing. */
  const faults: Record<FaultKind, () => unknown> = {
    request_lost: () =>
      hitOperation(
        ({ done, lost, orphan, oneWay }) => !done && !!lost && (!orphan || !!oneWay),
        (operation) => kernel.lose(operation, "never"),
      ),
    request_late: () =>
      hitOperation(
        ({ done, lost, orphan }) => !done && !!lost && !orphan,
        (operation) => kernel.lose(operation, "later"),
      ),
    reply_lost: () =>
      hitOperation(
        ({ done, lost }) => done && !!lost,
        (operation) => kernel.lose(operation, "never"),
      ),
    refused: () =>
      hitOperation(({ done, refused, orphan }) => !done && !!refused && !orphan, kernel.refuse),
    worker_crash: () => hit(pick(living(world.workers)), world.crash),
    front_crash: () => hit(pick(living(world.edges, world.origins)), world.crash),
    channel_lost: () => hit(pick(living(world.workers)), world.loseChannels),
    session_lost: () =>
      hit(
        pick(living(world.workers, world.origins)),
        random() < 0.5 ? zooKeeper.expire : zooKeeper.renew,
      ),
    redis_restart: () => redis.restart(undefined),
    redis_older: () => loseData(older),
    redis_empty: () => loseData(new Map()),
    redis_flushed: () => loseData(new Map(), redis.flush),
    /**
     * Redis loses one held claim whose command is in a queue, and the user's throttle. A Redis that
     * fell back by one write looks like this after loading, if the origin had not created the
     * claim's pending node.
     */
    claim_lost: () =>
      hit(pick(heldClaims().filter(({ rid }) => broker.holds(rid))), ({ lectureId, userId }) =>
        redis.loseClaim(lectureId, userId),
      ),
    leader_change: changeLeaders,
    worker_clock_set: () =>
      hit(pick([...world.workers.keys()]), (name) => world.wrongByMs.set(name, drawWrong())),
    redis_clock_set: () => redis.setClock(drawWrong()),
    repartitioned: () => {
      broker.reroute();
      return profile.partitions > 1;
    },
  };

  return {
    /** Causes one of the world's faults. Returns false if the drawn fault had no target. */
    strike(): boolean {
      const kind = pick(profile.kinds);
      if (!kind) return false;
      kernel.trace?.(`fault     ${kind}`);
      return faults[kind]() !== false;
    },

    /** Keeps a copy of Redis' data, as a file or replica that falls behind. */
    keepCopy(): void {
      older = redis.data.copy();
    },
  };
}
