import type { Logger } from "pino";
import { availabilityScript } from "../../admission/availability.ts";
import { claimScript } from "../../admission/claim.ts";
import { queueNames, redisKeys, SWEEPER_PATH } from "../../contract/names.ts";
import type { OriginDeps } from "../../origin/deps.ts";
import { createGate } from "../../origin/gate.ts";
import { createLateNodes } from "../../origin/late-nodes.ts";
import { createPendingNodes } from "../../pending/create.ts";
import { campaign } from "../../pending/leadership.ts";
import { findPending } from "../../pending/read.ts";
import { removePendingNodes } from "../../pending/remove.ts";
import { batchesOf } from "../../queue/batches.ts";
import { uncachedLectures } from "../../test/rooms/uncached-lectures.ts";
import { handleBatch } from "../../worker/batch.ts";
import { handleDeadLetters } from "../../worker/dead-letters.ts";
import { willComeAgain } from "../../worker/decide-all.ts";
import type { SweeperDeps } from "../../worker/deps.ts";
import { keepLoaded } from "../../worker/load.ts";
import { keepSweeping } from "../../worker/sweep.ts";
import { Breach } from "./breach.ts";
import { createBroker, type Subscriber } from "./broker/server.ts";
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
  const lectureIds = Array.from({ length: profile.lectures }, (_, at) => String(at + 1));
  const startedAtMs = kernel.nowMs();
  const { log, complaint } = createLog(trace);
  /** names of the leading workers, if leadership is arbitrary */
  const leaders = new Set<string>();
  const workers = new Map<string, Process>();
  /** whether each worker leads */
  const campaigns = new Map<Process, () => boolean>();
  let started = 0;
  const origins = new Map<string, { process: Process; deps: OriginDeps }>();
  const edges = new Map<string, Edge>();
  /** worker → the error of its clock, after a change */
  const wrongByMs = new Map<string, number>();
  const killer = profile.kills > 0 ? intents[0]?.[0]?.[0]?.rid : undefined;

  for (const id of lectureIds) {
    const [opensAtMs, closesAtMs] = [
      startedAtMs + profile.opensInMs,
      startedAtMs + profile.closesInMs,
    ];
    mysql.tables.lectures.set(id, { id, opensAtMs, closesAtMs, capacity: profile.capacity });
    mysql.tables.stock.set(id, { capacity: profile.capacity, remaining: profile.capacity });
    if (profile.loaded) loadAtOnce(id, opensAtMs, closesAtMs);
  }
  if (profile.loaded) redis.teach([claimScript.source, availabilityScript.source]);

  function loadAtOnce(id: string, opensAtMs: number, closesAtMs: number): void {
    const window = ["opensAtMs", `${opensAtMs}`, "closesAtMs", `${closesAtMs}`];
    const fields = ["ready", "1", ...window, "capacity", `${profile.capacity}`, "cancelled", "0"];
    redis.data.command("HSET", [redisKeys.lecture(id), ...fields]);
  }

  function spawn(name: string): Process {
    trace?.(`start     ${name}`);
    return { name, alive: true };
  }

  /** A worker as worker/main.ts starts it, without its endless loops. */
  function startConsumer(name: string): SweeperDeps {
    const process = spawn(name);
    workers.set(name, process);
    const session = zooKeeper.sessionOf(process);
    const clock = kernel.clockOf(process);
    const { leads } =
      profile.leaders === "elected"
        ? campaign(session, { path: SWEEPER_PATH, clock })
        : { leads: () => leaders.has(name) };
    campaigns.set(process, leads);
    const deps: SweeperDeps = {
      database: killer
        ? killing(
            mysql.poolOf(process),
            killer,
            () => random() < profile.kills && killLater(process),
          )
        : mysql.poolOf(process),
      redis: redis.clientOf(process),
      zooKeeper: session,
      createPendingNode: createPendingNodes(session),
      publisher: { publish: (command) => broker.publish(process, command) },
      log,
      now: () => kernel.nowMs() + (wrongByMs.get(name) ?? profile.skewMs),
      clock,
      leads,
      loader: `${name}, start ${started++}`,
      ...(profile.loadSizes && { loadSizes: profile.loadSizes }),
      stopping: NEVER,
    };
    const { maxBatch } = profile;
    for (let at = 0; at < profile.partitions; at += 1) {
      const queue = queueNames.partition(at);
      const handle: Subscriber = {
        process,
        prefetch: 2 * maxBatch,
        ...batchesOf({
          queue,
          maxBatch,
          clock,
          handle: (deliveries) => handleBatch(deps, deliveries),
        }),
      };
      broker.subscribe(queue, handle);
    }
    const dead = batchesOf({
      queue: queueNames.dead,
      maxBatch: 1,
      clock,
      handle: (deliveries) => handleDeadLetters(deps, deliveries),
    });
    broker.subscribe(queueNames.dead, { process, prefetch: 1, ...dead });
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
      createPendingNode: createPendingNodes(session),
      gates: { commands: createGate(WIDE), reads: createGate(WIDE) },
      watches: {
        untilGone: (rid, { timeoutMs }) => zooKeeper.untilGone(process, rid, timeoutMs),
        counts: () => ({ watches: 0, waiters: 0 }),
        close: () => {},
      },
      publisher: {
        publish: (command) => broker.publish(process, command),
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
    campaigns.delete(process);
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
    const living = [...origins.values()].filter(({ process }) => process.alive);
    return living[Math.floor(random() * living.length)]?.deps;
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
    /** log events of the real code that must never occur */
    complaint,
    lectureIds,
    leaders,
    /** the living workers that would act as leader now */
    leading: () =>
      [...campaigns].flatMap(([{ name, alive }, leads]) => (alive && leads() ? [name] : [])),
    wrongByMs,
    workers,
    origins,
    edges,
    crash,
    startConsumer,
    startWorker,
    startOrigin,
    startEdge(name: string, pickOrigin = anyOrigin): Edge {
      const edge = createEdge({ kernel, redis, journal, anyOrigin: pickOrigin }, spawn(name));
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
function createLog(trace: ((line: string) => void) | undefined) {
  let complaint: Breach | undefined;
  const line = ({ event = "", err }: { event?: string; err?: unknown }, text: string) => {
    if (NEVER_LOGGED.test(event) || isRace(event, err))
      complaint ??= new Breach("A1", `${event}: ${err ?? text}`);
    trace?.(`log       ${event}: ${text}${err ? ` (${err})` : ""}`);
  };
  return {
    log: { info: line, warn: line, error: line } as unknown as Logger,
    complaint: () => complaint,
  };
}
