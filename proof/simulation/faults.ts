import { readClaim } from "../../admission/find-claim.ts";
import { redisKeys } from "../../contract/names.ts";
import type { Operation, Process } from "./kernel.ts";
import { type FaultKind, WRONG_MS } from "./profile.ts";
import type { RedisContents } from "./redis/data.ts";
import type { World } from "./world.ts";

/**
 * All faults, one function each. A function returns whether the fault occurred: its target may be
 * absent.
 */
export function createFaults(world: World) {
  const { kernel, redis, zooKeeper, mysql, broker, journal, profile } = world;
  const { random } = kernel;
  let older = redis.data.copy();

  function pick<Item>(items: Item[]): Item | undefined {
    return items[Math.floor(random() * items.length)];
  }

  function living(processes: Iterable<Process>): Process | undefined {
    return pick([...processes].filter(({ alive }) => alive));
  }

  function everyone(): Process[] {
    const origins = [...world.origins.values()].map(({ process }) => process);
    return [...world.workers.values(), ...origins];
  }

  function withOperation(
    may: (operation: Operation) => boolean,
    happen: (operation: Operation) => void,
  ): boolean {
    const operation = pick(kernel.operations.filter(may));
    if (!operation) return false;
    happen(operation);
    return true;
  }

  function withProcess(process: Process | undefined, happen: (process: Process) => void): boolean {
    if (!process) return false;
    happen(process);
    return true;
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

  function heldRids(): Set<string> {
    const claims = world.lectureIds.flatMap((id) =>
      [...redis.data.hashAt(redisKeys.claims(id)).values()].map(readClaim),
    );
    return new Set(claims.flatMap(({ rid, state }) => (state === "held" ? [rid] : [])));
  }

  /**
   * Redis loses one held claim whose command is in a queue, and the user's throttle. A Redis that
   * fell back by one write looks like this after loading, if the origin had not created the claim's
   * pending node.
   */
  function loseClaim(): boolean {
    const claims = world.lectureIds.flatMap((lectureId) =>
      [...redis.data.hashAt(redisKeys.claims(lectureId))].map(([userId, value]) => ({
        lectureId,
        userId,
        ...readClaim(value),
      })),
    );
    const lost = pick(claims.filter(({ rid, state }) => state === "held" && broker.holds(rid)));
    if (lost) redis.loseClaim(lost.lectureId, lost.userId);
    return lost !== undefined;
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

  const faults: Record<FaultKind, () => boolean> = {
    request_lost: () =>
      withOperation(
        ({ done, lost, orphan, oneWay }) => !done && !!lost && (!orphan || !!oneWay),
        (operation) => kernel.lose(operation, "never"),
      ),
    request_late: () =>
      withOperation(
        ({ done, lost, orphan }) => !done && !!lost && !orphan,
        (operation) => kernel.lose(operation, "later"),
      ),
    reply_lost: () =>
      withOperation(
        ({ done, lost }) => done && !!lost,
        (operation) => kernel.lose(operation, "never"),
      ),
    refused: () =>
      withOperation(({ done, refused, orphan }) => !done && !!refused && !orphan, kernel.refuse),
    worker_crash: () => withProcess(living(world.workers.values()), world.crash),
    front_crash: () => {
      const edges = [...world.edges.values()].map(({ process }) => process);
      const origins = [...world.origins.values()].map(({ process }) => process);
      return withProcess(living([...edges, ...origins]), world.crash);
    },
    channel_lost: () => withProcess(living(world.workers.values()), world.loseChannels),
    session_lost: () =>
      withProcess(living(everyone()), random() < 0.5 ? zooKeeper.expire : zooKeeper.renew),
    redis_restart: () => {
      redis.restart(undefined);
      return true;
    },
    redis_older: () => {
      loseData(older);
      return true;
    },
    redis_empty: () => {
      loseData(new Map());
      return true;
    },
    redis_flushed: () => {
      loseData(new Map(), redis.flush);
      return true;
    },
    claim_lost: loseClaim,
    leader_change: changeLeaders,
    worker_clock_set: () => {
      const name = pick([...world.workers.keys()]);
      if (name !== undefined) world.wrongByMs.set(name, drawWrong());
      return name !== undefined;
    },
    redis_clock_set: () => {
      redis.setClock(drawWrong());
      return true;
    },
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
      return faults[kind]();
    },

    /** Keeps a copy of Redis' data, as a file or replica that falls behind. */
    keepCopy(): void {
      older = redis.data.copy();
    },
  };
}
