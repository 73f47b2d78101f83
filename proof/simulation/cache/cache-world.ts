import { drainMicrotasks } from "bun:jsc";
import beginGenerationSource from "../../../catalogue/cache/begin-generation.lua";
import fillSource from "../../../catalogue/cache/fill.lua";
import { beginGeneration } from "../../../catalogue/cache/generation.ts";
import invalidateSource from "../../../catalogue/cache/invalidate.lua";
import { createLectureCache, type LectureCache } from "../../../catalogue/cache/lecture-cache.ts";
import lookUpSource from "../../../catalogue/cache/look-up.lua";
import releaseSource from "../../../catalogue/cache/release.lua";
import { type CacheRedis, readLecture } from "../../../catalogue/cache/store.ts";
import { createLectureWrites, writingLecture } from "../../../catalogue/cache/writing-lecture.ts";
import { readVersion } from "../../../catalogue/replicas.ts";
import { cacheKeys } from "../../../contract/names.ts";
import type { Database } from "../../../database/pool.ts";
import { createRedisData, type RedisContents } from "../redis/data.ts";
import { createScripts, type Reply } from "../redis/lua.ts";
import { openEdge } from "./cache-edge.ts";
import { type Actor, createSteps } from "./steps.ts";

/** A world small enough to be walked to every end. */
export interface CacheWorld {
  name: string;
  /** clients, each with the process that it asks, and how often, one read after the other */
  clients: { at: string; reads: number }[];
  /** reads of an edge that asks process `a` */
  edgeReads: number;
  /** each writes the next version */
  writers: number;
  /** 0: there is no such lecture yet */
  firstVersion: 0 | 1;
  hasReplica: boolean;
  /** how often each of these may happen */
  readerCrashes: number;
  writerCrashes: number;
  /** requests to Redis, or their replies */
  losses: number;
  /** Redis loses everything */
  redisLosses: number;
  leaseEnds: number;
  /** the cached lecture becomes due for its refresh */
  agings: number;
}

export interface Choice {
  what: string;
  act(): void;
}

/** A promise of the cache that did not hold. */
export class CacheBreach extends Error {
  override name = "CacheBreach";
}

const ID = "7";
const NOW_MS = 1_800_000_000_000;
const scripts = new Map(
  Object.entries({
    lookUp: lookUpSource,
    fill: fillSource,
    invalidate: invalidateSource,
    release: releaseSource,
    beginGeneration: beginGenerationSource,
  }).map(([name, source]) => [
    new Bun.CryptoHasher("sha1").update(source).digest("hex"),
    { name, source },
  ]),
);

let current: (command: string, args: string[]) => Reply;
const runScript = createScripts((command, args) => current(command, args));

/** Each run of a script on the same data is the same: a walk repeats few of them many times. */
const done = new Map<string, { reply: Reply; contents: RedisContents }>();

function runOnce(
  data: ReturnType<typeof createRedisData>,
  script: { name: string; source: string },
  keys: string[],
  args: string[],
): Reply {
  const run = `${script.name} ${args.join()} ${textOf(data.copy())}`;
  let known = done.get(run);
  if (known) data.replace(known.contents);
  else {
    current = data.command;
    known = { reply: runScript(script.source, keys, args), contents: data.copy() };
    done.set(run, known);
  }
  return known.reply;
}

function textOf(contents: RedisContents): string {
  let text = "";
  for (const [key, value] of contents) {
    text += `${key} ${value.expiresAtMs} `;
    if (value.type === "string") text += value.text;
    else for (const [name, each] of value.members) text += `${name} ${each} `;
  }
  return text;
}

/** One run through a world: the real code of the cache, its scripts, and the steps it may take. */
export function beginCacheRun(world: CacheWorld) {
  const data = createRedisData(() => NOW_MS);
  const steps = createSteps();
  const versions = { primary: world.firstVersion as number, replica: world.firstVersion as number };
  const left = {
    edgeReads: world.edgeReads,
    readerCrashes: world.readerCrashes,
    writerCrashes: world.writerCrashes,
    losses: world.losses,
    redisLosses: world.redisLosses,
    leaseEnds: world.leaseEnds,
    agings: world.agings,
  };
  /** the newest version that anybody was told */
  let told = 0;
  let fault: string | undefined;
  const readers = new Map<string, { actor: Actor; cache: LectureCache }>();
  const clients = world.clients.map(({ at, reads }) => ({
    at,
    left: reads,
    isReading: false,
    told: 0,
  }));
  const writers = Array.from({ length: world.writers }, (_, at) => ({
    actor: actorOf(`w${at}`),
    version: world.firstVersion + at + 1,
    begun: false,
    written: false,
  }));

  const projection = actorOf("p");

  function actorOf(name: string): Actor {
    return { name, alive: true, history: [], seen: 0 };
  }

  function redisOf(actor: Actor): CacheRedis {
    const evalsha = (sha1: string, keys: string[], args: string[]) => {
      const script = scripts.get(sha1);
      if (!script) throw new Error("an unknown script");
      const effect = () => {
        const [holder] = args;
        const isHolder = data.command("GET", [cacheKeys.lease(ID)]) === holder;
        const reply = runOnce(data, script, keys, args);
        if (script.name === "fill" && reply === "filled" && !isHolder)
          fault ??= `serial: ${actor.name} filled the cache without the lease`;
        return reply;
      };
      return steps.ask(actor, script.name, effect, true);
    };
    return { evalsha, eval: () => Promise.reject(new Error("unused")) } as unknown as CacheRedis;
  }

  function clockOf(actor: Actor) {
    return {
      monotonicMs: () => 0,
      random: () => 0,
      sleep: () => steps.ask(actor, "sleep", () => {}),
    };
  }

  const shown = (version: number) => ({ version, json: version === 0 ? "" : `"v${version}"` });

  function readerAt(name: string) {
    const known = readers.get(name);
    if (known) return known;
    const actor = actorOf(name);
    const [primary, replica] = ["primary", "replica"] as unknown as [Database, Database];
    const read = (database: Database) =>
      steps.ask(actor, `reads ${database}`, () =>
        shown(versions[database as unknown as "primary" | "replica"]),
      );
    const replicas = {
      viaReplica: <T>(work: (database: Database) => Promise<T>) =>
        world.hasReplica ? work(replica) : Promise.resolve(undefined),
    };
    const cache = createLectureCache({
      redis: redisOf(actor),
      clock: clockOf(actor),
      name,
      looksMax: 2,
      readCatalogue: (_, atLeast) => readVersion({ replicas, primary }, atLeast, read),
    });
    const reader = { actor, cache };
    readers.set(name, reader);
    return reader;
  }
  for (const { at } of clients) readerAt(at);

  const edge =
    world.edgeReads > 0
      ? openEdge({ actor: actorOf("e"), data, steps, origin: readerAt("a").cache, id: ID })
      : undefined;
  /** the version up to which a look of a projection has begun a generation */
  let projected = world.firstVersion as number;

  /** A writer that died may have begun no generation. */
  const isProjectionDue = () =>
    edge !== undefined && projected < versions.primary && writers.some(({ actor }) => !actor.alive);

  function project(): void {
    projected = versions.primary;
    void beginGeneration(redisOf(projection), `p-${projected}`);
    drainMicrotasks();
  }

  function startRead(client: (typeof clients)[number]): void {
    const { actor, cache } = readerAt(client.at);
    client.left -= 1;
    Object.assign(client, { isReading: true, told });
    cache.read(ID).then(({ version }) => {
      actor.seen = Math.max(actor.seen, version);
      if (version < client.told)
        fault ??= `K2: told ${version} after somebody was told ${client.told}`;
      Object.assign(client, { isReading: false, told: 0 });
      told = Math.max(told, version);
    });
    drainMicrotasks();
  }

  function startWrite(writer: (typeof writers)[number]): void {
    const { actor, version } = writer;
    writer.begun = true;
    const writes = createLectureWrites({
      redis: redisOf(actor),
      clock: clockOf(actor),
      name: actor.name,
    });
    void writingLecture(writes, { id: ID, version }, () =>
      steps.ask(actor, "writes", () => {
        versions.primary = Math.max(versions.primary, version);
        writer.written = true;
      }),
    );
    drainMicrotasks();
  }

  /** A mark outlasts its writer's statement, and what a replica in use is behind. */
  function mayMarksEnd(): boolean {
    const isUnderWay = writers.some(
      ({ actor, begun, written }) => begun && actor.alive && !written,
    );
    const isBehind = world.hasReplica && versions.replica < versions.primary;
    return data.zsetAt(cacheKeys.writers(ID)).size > 0 && !isUnderWay && !isBehind;
  }

  function cachedVersion(): number | undefined {
    const text = data.command("GET", [cacheKeys.lecture(ID)]);
    return typeof text === "string" ? readLecture(text).version : undefined;
  }

  function* faultsOfRedis(): Iterable<Choice> {
    if (left.losses > 0)
      for (const { what, act } of steps.losses()) yield spending("losses", what, act);
    if (left.redisLosses > 0)
      yield spending("redisLosses", "Redis loses everything", () => data.replace(new Map()));
    if (left.leaseEnds > 0 && data.command("GET", [cacheKeys.lease(ID)]) !== null)
      yield spending("leaseEnds", "the lease ends", () =>
        data.command("DEL", [cacheKeys.lease(ID)]),
      );
    if (left.agings > 0 && cachedVersion() !== undefined)
      yield spending("agings", "the lecture ages", () =>
        data.command("PEXPIRE", [cacheKeys.lecture(ID), "1000"]),
      );
  }

  function spending(what: keyof typeof left, told: string, act: () => void): Choice {
    return {
      what: told,
      act: () => {
        left[what] -= 1;
        act();
      },
    };
  }

  function* crashes(): Iterable<Choice> {
    const crash = (actor: Actor) => () => {
      steps.crash(actor);
      for (const client of clients) if (client.at === actor.name) client.left = 0;
    };
    for (const { actor } of readers.values())
      if (left.readerCrashes > 0 && actor.alive && steps.isBusy(actor))
        yield spending("readerCrashes", `${actor.name} crashes`, crash(actor));
    for (const { actor } of writers)
      if (left.writerCrashes > 0 && actor.alive && steps.isBusy(actor))
        yield spending("writerCrashes", `${actor.name} crashes`, crash(actor));
  }

  function* choices(): Iterable<Choice> {
    yield* steps.next();
    for (const writer of writers)
      if (!writer.begun)
        yield { what: `${writer.actor.name} starts`, act: () => startWrite(writer) };
    for (const [at, client] of clients.entries())
      if (client.left > 0 && !client.isReading)
        yield { what: `client ${at} asks ${client.at}`, act: () => startRead(client) };
    if (edge && left.edgeReads > 0)
      yield spending("edgeReads", "a client asks the edge", () => {
        edge.read();
        drainMicrotasks();
      });
    if (isProjectionDue()) yield { what: "a projection looks", act: project };
    if (world.hasReplica && versions.replica < versions.primary)
      yield { what: "the replica follows", act: () => (versions.replica += 1) };
    if (mayMarksEnd())
      yield { what: "marks end", act: () => data.command("DEL", [cacheKeys.writers(ID)]) };
    yield* faultsOfRedis();
    yield* crashes();
  }

  /** Throws CacheBreach. */
  function check(): void {
    const cached = cachedVersion();
    if (steps.isIdle() && cached !== undefined && cached !== versions.primary)
      fault ??= `K1: at rest ${cached} is cached, MySQL has ${versions.primary}`;
    const held = edge?.held();
    const isTold = steps.isIdle() && !isProjectionDue();
    if (isTold && held !== undefined && held !== versions.primary)
      fault ??= `K1: at rest an edge holds ${held}, MySQL has ${versions.primary}`;
    if (fault) throw new CacheBreach(fault);
  }

  /** What makes a difference from here on, with readers numbered as they appear. */
  function key(): string {
    const contents = [
      data.command("GET", [cacheKeys.lecture(ID)]),
      data.command("PTTL", [cacheKeys.lecture(ID)]) === 1_000,
      [...data.hashAt(cacheKeys.state(ID))],
      data.command("GET", [cacheKeys.lease(ID)]),
      [...data.zsetAt(cacheKeys.writers(ID)).keys()],
    ];
    const actors = [
      ...[...readers.values()].map(({ actor }) => actor),
      ...writers.map(({ actor }) => actor),
    ];
    const state = JSON.stringify([
      contents,
      versions,
      left,
      told,
      edge?.key(),
      projected,
      clients,
      writers.map(({ begun, written }) => [begun, written]),
      actors.map(({ alive, history, seen }) => [alive, history, seen]),
      steps.key(),
    ]);
    const names = new Map<string, number>();
    return state.replace(/[a-z]-\d+/g, (name) => {
      if (!names.has(name)) names.set(name, names.size);
      return `#${names.get(name)}`;
    });
  }

  return { choices: () => [...choices()], check, key };
}
