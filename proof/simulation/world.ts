import type { Logger } from "pino";
import { availabilityScript } from "../../admission/availability.ts";
import { claimScript } from "../../admission/claim.ts";
import { queueNames, redisKeys, SWEEPER_PATH } from "../../contract/names.ts";
import type { Terms } from "../../contract/terms.ts";
import type { OriginDeps } from "../../origin/deps.ts";
import { createGate } from "../../origin/gate.ts";
import { createLateNodes } from "../../origin/late-nodes.ts";
import { createPendingNodes } from "../../pending/create.ts";
import { campaign } from "../../pending/leadership.ts";
import { findPending, findPendingAmendment } from "../../pending/read.ts";
import { removePendingNodes } from "../../pending/remove.ts";
import { batchesOf } from "../../queue/batches.ts";
import { uncachedLectures } from "../../test/rooms/uncached-lectures.ts";
import { handleBatch } from "../../worker/batch.ts";
import { handleDeadLetters } from "../../worker/dead-letters.ts";
import { willComeAgain } from "../../worker/decide-all.ts";
import type { SweeperDeps } from "../../worker/deps.ts";
import { keepLoaded } from "../../worker/load.ts";
import { keepSweeping } from "../../worker/sweep.ts";
import { createAmends } from "./amends.ts";
import { Breach } from "./breach.ts";
import { createBroker } from "./broker/server.ts";
import { createEdge, type Edge } from "./front.ts";
import { createJournal } from "./journal.ts";
import { createKernel, type Process } from "./kernel.ts";
import { killing } from "./killer.ts";
import { createMysql } from "./mysql/server.ts";
import type { Profile } from "./profile.ts";
import { createRedis } from "./redis/server.ts";
import { type Intent, shards } from "./rids.ts";
import { createZooKeeper, SESSION_TIMEOUT_MS } from "./zookeeper/server.ts";

export interface WorldOptions {
  profile: Profile;
  intents: Intent[][][];
  random: () => number;
  trace?: (line: string) => void;
}

export type World = ReturnType<typeof createWorld>;

/** A handler of worker/ for the deliveries of a queue. */
type Handle = typeof handleBatch | typeof handleDeadLetters;

/** A process that never crashes, for events without a cause. */
const NATURE: Process = { name: "nature", alive: true };

/** The servers with the lectures alone, and no process yet. */
export function createWorld({ profile, intents, random, trace }: WorldOptions) {
  const kernel = createKernel(random, trace);
  const redis = createRedis(kernel);
  const mysql = createMysql(kernel);
  const zooKeeper = createZooKeeper(kernel, shards);
  const broker = createBroker(kernel, profile);
  const journal = createJournal(mysql.tables.rows);
  const amends = createAmends(mysql.tables, random);
  const lectureIds = Array.from({ length: profile.lectures }, (_, at) => String(at + 1));
  const startedAtMs = kernel.nowMs();
  let complaint: unknown;
  /** Remembers the first breach that no step can throw, for the end of the step. */
  const blame = (breach: unknown) => {
    complaint ??= breach;
  };
  const log = createLog(blame, trace);
  /** names of the leading workers, if leadership is arbitrary */
  const leaders = new Set<string>();
  const workers = new Map<string, { process: Process; leads: () => boolean }>();
  let started = 0;
  const origins = new Map<string, { process: Process; deps: OriginDeps }>();
  const edges = new Map<string, Edge>();
  /** worker → the error of its clock, after a change */
  const wrongByMs = new Map<string, number>();
  const killer = profile.kills > 0 ? intents[0]?.[0]?.[0]?.rid : undefined;

  for (const id of lectureIds) {
    const opensAtMs = startedAtMs + profile.opensInMs;
    const closesAtMs = startedAtMs + profile.closesInMs;
    const { capacity } = profile;
    const terms = termsOf({ opensAtMs, closesAtMs, capacity });
    mysql.tables.stock.set(id, { terms, capacity, remaining: capacity });
    if (profile.loaded) loadAtOnce(id, opensAtMs, closesAtMs);
  }
  if (profile.loaded) redis.teach([claimScript.source, availabilityScript.source]);

  function loadAtOnce(id: string, opensAtMs: number, closesAtMs: number): void {
    const window = ["opensAtMs", `${opensAtMs}`, "closesAtMs", `${closesAtMs}`];
    const fields = ["ready", "1", ...window, "capacity", `${profile.capacity}`, "cancelled", "0"];
    fields.push("version", "1", "audience", "");
    redis.data.command("HSET", [redisKeys.lecture(id), ...fields]);
  }

  function spawn(name: string): Process {
    trace?.(`start     ${name}`);
    return { name, alive: true };
  }

  /** A worker as worker/main.ts starts it, without its endless loops. */
  function startConsumer(name: string): SweeperDeps {
    const process = spawn(name);
    const session = zooKeeper.sessionOf(process);
    const clock = kernel.clockOf(process);
    const { leads } =
      profile.leaders === "elected"
        ? campaign(session, { path: SWEEPER_PATH, clock })
        : { leads: () => leaders.has(name) };
    workers.set(name, { process, leads });
    const pool = mysql.poolOf(process);
    const deps: SweeperDeps = {
      database: killer
        ? killing(pool, killer, () => random() < profile.kills && killLater(process))
        : pool,
      redis: redis.clientOf(process),
      zooKeeper: session,
      createPendingNode: createPendingNodes(session),
      publisher: {
        publish: (command) => {
          journal.sent(command);
          return broker.publish(process, command);
        },
      },
      log,
      now: () => kernel.nowMs() + (wrongByMs.get(name) ?? profile.skewMs),
      clock,
      leads,
      loader: `${name}, start ${started++}`,
      ...(profile.loadSizes && { loadSizes: profile.loadSizes }),
      stopping: NEVER,
    };
    const subscribe = (queue: string, maxBatch: number, prefetch: number, handle: Handle) =>
      broker.subscribe(queue, {
        process,
        prefetch,
        ...batchesOf({ queue, maxBatch, clock, handle: (deliveries) => handle(deps, deliveries) }),
      });
    const { partitions, maxBatch } = profile;
    for (let at = 0; at < partitions; at += 1)
      subscribe(queueNames.partition(at), maxBatch, 2 * maxBatch, handleBatch);
    subscribe(queueNames.dead, 1, 1, handleDeadLetters);
    return deps;
  }

  function startWorker(name: string): void {
    const deps = startConsumer(name);
    void keepLoaded(deps);
    void keepSweeping(deps);
  }

  function startOrigin(name: string): void {
    const process = spawn(name);
    const session = zooKeeper.sessionOf(process);
    const database = mysql.poolOf(process);
    const deps: OriginDeps = {
      database,
      catalogue: database,
      ...uncachedLectures(database, log),
      people: database,
      lateNodes: createLateNodes({
        database,
        removePendingNodes: (commands) => removePendingNodes(session, commands),
        connectedWithin: session.connectedWithin,
        log,
        stopping: NEVER,
      }),
      findPendingNode: (rid) => findPending(session, rid),
      findPendingAmendment: (rid) => findPendingAmendment(session, rid),
      createPendingNode: createPendingNodes(session),
      gates: { commands: createGate(WIDE), reads: createGate(WIDE) },
      watches: {
        untilGone: (rid, { timeoutMs }) => zooKeeper.untilGone(process, rid, timeoutMs),
        counts: () => ({ watches: 0, waiters: 0 }),
        close: () => {},
      },
      publisher: {
        publish: (command) => {
          journal.sent(command);
          return broker.publish(process, command);
        },
        ready: () => true,
        readyWithin: () => Promise.resolve(true),
        isClosed: () => false,
        close: () => Promise.resolve(),
      },
      log,
      edgeKeys: KEYS,
      sessionKeys: KEYS,
      sessionMinutes: 1,
      demoLogin: false,
      studentNumberCase: "upper",
      overlaps: profile.refuses ? "refuse" : "tell",
      timeZone: "Asia/Shanghai",
      maxStreams: 0,
      now: kernel.nowMs,
      stopping: NEVER,
    };
    origins.set(name, { process, deps });
  }

  function crash(process: Process): void {
    if (random() < 0.5) kernel.flush(process);
    kernel.crash(process);
    broker.disconnect(process);
    mysql.forget(process);
    kernel.at(NATURE, kernel.nowMs() + SESSION_TIMEOUT_MS, () => zooKeeper.expire(process));
  }

  /** The process dies after its last request. */
  function killLater(process: Process): true {
    const effect = () => {
      if (process.alive) crash(process);
    };
    kernel.send(NATURE, { server: "mysql", what: "takes down", detail: process.name, effect });
    return true;
  }

  function anyOrigin(): OriginDeps | undefined {
    return kernel.pick([...origins.values()].filter(({ process }) => process.alive))?.deps;
  }

  return {
    profile,
    intents,
    kernel,
    redis,
    mysql,
    zooKeeper,
    broker,
    journal,
    amends,
    blame,
    /** For a user's request: other errors are the user's answer. */
    blameBreach(error: unknown): void {
      if (error instanceof Breach) blame(error);
    },
    /** the first breach that was remembered */
    complaint: () => complaint,
    lectureIds,
    leaders,
    /** the living workers that would act as leader now */
    leading(): string[] {
      const names: string[] = [];
      for (const [name, { process, leads }] of workers)
        if (process.alive && leads()) names.push(name);
      return names;
    },
    wrongByMs,
    workers,
    origins,
    edges,
    crash,
    startConsumer,
    startWorker,
    startOrigin,
    startEdge(name: string, pickOrigin = anyOrigin): Edge {
      const edge = createEdge(
        { kernel, redis, journal, amends, anyOrigin: pickOrigin },
        spawn(name),
      );
      edges.set(name, edge);
      return edge;
    },

    /**
     * Ends the worker's channels; it subscribes again. Another worker may then be the active one.
     */
    loseChannels(process: Process): void {
      for (const { queue, subscriber } of broker.disconnect(process))
        broker.subscribe(queue, subscriber);
    },
  };
}

/** A published lecture that begins an hour after its window and lasts an hour. */
function termsOf(of: Pick<Terms, "opensAtMs" | "closesAtMs" | "capacity">): Terms {
  const startsAtMs = of.closesAtMs + 3_600_000;
  const times = { startsAtMs, endsAtMs: startsAtMs + 3_600_000, cancelUntilMs: null };
  return { version: 1, published: true, cancelled: false, audience: [], ...times, ...of };
}

const NEVER = new AbortController().signal;
const NO_KEY = { id: "none", secret: new Uint8Array() };
/** No command waits at a gate here: a command refused under load has no effect to simulate. */
const WIDE = { places: 1_000, burst: 1_000 };

const KEYS: OriginDeps["edgeKeys"] = [NO_KEY, NO_KEY];

/**
 * Events that no fault of a world excuses: no data are unreadable, refused for their form, or wrong
 * by themselves.
 */
const NEVER_LOGGED =
  /^(command_undecidable|lecture_stuck|claim_unreadable|message_unreadable|node_unreadable|load_refused|settle_refused)$/;

/**
 * Two workers that decide without a lock may both be refused, although each alone would succeed.
 */
function isRace(event: string, error: unknown): boolean {
  return event === "decide_stuck" && willComeAgain(error);
}

/** The real code's log goes into the trace; a forbidden event is a breach. */
function createLog(
  blame: (breach: Breach) => void,
  trace: ((line: string) => void) | undefined,
): Logger {
  const line = ({ event = "", err }: { event?: string; err?: unknown }, text: string) => {
    if (NEVER_LOGGED.test(event) || isRace(event, err))
      blame(new Breach("A1", `${event}: ${err ?? text}`));
    trace?.(`log       ${event}: ${text}${err ? ` (${err})` : ""}`);
  };
  return { info: line, warn: line, error: line } as unknown as Logger;
}
