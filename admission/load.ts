import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { crashPoint } from "../crash-points/crash-point.ts";
import type { ClaimState } from "./claim.ts";
import beginSource from "./load-begin.lua";
import claimsSource from "./load-claims.lua";
import dropSource from "./load-drop.lua";
import finishSource from "./load-finish.lua";
import { pipelined } from "./pipelined.ts";
import { type AdmissionRedis, run, script } from "./script.ts";

/** What Redis must know of a lecture to admit to it. The window is [opensAtMs, closesAtMs), in Unix milliseconds. */
export interface LoadedLecture {
  lectureId: LectureId;
  opensAtMs: number;
  closesAtMs: number;
  capacity: number;
  cancelled: boolean;
}

/** A claim, or a released rid, as decisions and pending nodes tell it. */
export interface LoadedClaim {
  userId: UserId;
  rid: Rid;
  state: ClaimState;
  claimedAtMs: number;
}

/** Where the claims of a lecture come from. It is asked only while nobody is admitted to the lecture. */
export interface ClaimSource {
  /** the next decisions whose rids come after this one, in the order of their rids; `isLast` where there are no more */
  decisionsAfter(rid: string): Promise<{ claims: LoadedClaim[]; isLast: boolean }>;
  /** what is held and not decided */
  held(): Promise<LoadedClaim[]>;
}

/** Who loads, and for what. */
export interface Loader {
  /** who loads: one name for each process */
  name: string;
  /** which Redis is loaded (opening.ts) */
  mark: string;
  sizes?: LoadSizes;
}

/** How many claims are dropped, or added, in one script run. */
export interface LoadSizes {
  dropped: number;
  added: number;
}

/** A load that is under way. */
export interface Load {
  loader: Loader;
  lectureId: LectureId;
  name: string;
  /** as load-begin.lua tells it */
  step: string;
}

const beginScript = script(beginSource);
const dropScript = script(dropSource);
const claimsScript = script(claimsSource);
const finishScript = script(finishSource);

/** Long enough to be fast, short enough to keep Redis from nobody for more than some milliseconds. */
const USUAL_SIZES: LoadSizes = { dropped: 500, added: 500 };

/** A loader that does not come to its next step in this time has perhaps ended, and any other goes on with its load. */
const LEASE_MS = 3_000;

/** What load-drop.lua and load-claims.lua answer when a load is over: finished, or begun anew. */
const OVER = "";

/**
 * Closes admission to a lecture and begins to load it, or goes on with a load that nobody is at. Where `anew`, a lecture that is ready is
 * loaded again, unless it was made ready under the loader's mark.
 *
 * @returns the load to go on with; `ready` when there is nothing to load; `busy` while another loader is at it
 */
export async function beginLoad(
  redis: AdmissionRedis,
  { lectureId, opensAtMs, closesAtMs, capacity, cancelled }: LoadedLecture,
  loader: Loader,
  anew = false,
): Promise<Load | "ready" | "busy"> {
  const terms = [String(opensAtMs), String(closesAtMs), String(capacity), cancelled ? "1" : "0"];
  const asks = [loader.name, crypto.randomUUID(), loader.mark, String(LEASE_MS)];
  const keys = [redisKeys.lecture(lectureId)];
  const reply = (await run(redis, beginScript, keys, [...asks, ...terms, anew ? "1" : "0"])) as unknown[];
  const [outcome, name = "", step = ""] = reply.map(String);
  if (outcome === "ready" || outcome === "busy") return outcome;
  crashPoint("loader.closed");
  return { loader, lectureId, name, step };
}

/**
 * Goes on with a load until the lecture is ready or `mayGoOn` says no. Admission answers `not_ready` from the first step to the last, so
 * nobody is admitted by an incomplete count. Every step is written down in Redis with what it has loaded. So a load that ends here, for
 * whatever reason, is gone on with from its last step; and two loaders of one load do each other no harm.
 *
 * @returns `ready` when the lecture is, `unfinished` when there is more to do, or another load was begun
 */
export async function goOnLoading(
  redis: AdmissionRedis,
  load: Load,
  source: ClaimSource,
  mayGoOn: () => boolean = () => true,
): Promise<"ready" | "unfinished"> {
  for (let { step } = load; step !== OVER && mayGoOn(); ) {
    if (step.startsWith("drop:")) {
      step = await drop(redis, load, step);
      continue;
    }
    const { claims, isLast } = await source.decisionsAfter(step.slice("add:".length));
    const added = await addAll(redis, load, step, claims);
    if (isLast && added.isWhole) return await finish(redis, load, await source.held());
    step = added.step;
  }
  return "unfinished";
}

/** Loads a lecture from its first step to its last: see beginLoad and goOnLoading. */
export async function loadLecture(
  redis: AdmissionRedis,
  lecture: LoadedLecture,
  source: ClaimSource,
  loader: Loader = { name: crypto.randomUUID(), mark: "" },
): Promise<"ready" | "busy" | "unfinished"> {
  const begun = await beginLoad(redis, lecture, loader);
  return typeof begun === "string" ? begun : await goOnLoading(redis, begun, source);
}

async function drop(redis: AdmissionRedis, load: Load, step: string): Promise<string> {
  const { dropped } = load.loader.sizes ?? USUAL_SIZES;
  const keys = [redisKeys.lecture(load.lectureId), redisKeys.claims(load.lectureId)];
  const next = String(await run(redis, dropScript, keys, [...argsOf(load), step, String(dropped)]));
  crashPoint("loader.claims_dropped");
  return next;
}

/** Adds the decisions that come after `step`. `isWhole` is that this loader added all of them, and no other one in between. */
async function addAll(redis: AdmissionRedis, load: Load, step: string, claims: LoadedClaim[]) {
  const { added } = load.loader.sizes ?? USUAL_SIZES;
  for (let at = 0; at < claims.length; at += added) {
    const some = claims.slice(at, at + added);
    const next = `add:${some.at(-1)?.rid}`;
    const now = await add(redis, load, [step, next], some);
    if (now !== next) return { step: now, isWhole: false };
    step = next;
  }
  return { step, isWhole: true };
}

async function finish(
  redis: AdmissionRedis,
  load: Load,
  held: LoadedClaim[],
): Promise<"ready" | "unfinished"> {
  const { added } = load.loader.sizes ?? USUAL_SIZES;
  for (let at = 0; at < held.length; at += added) {
    if ((await add(redis, load, ["", ""], held.slice(at, at + added))) === OVER) return "unfinished";
  }
  const finished = await run(redis, finishScript, [redisKeys.lecture(load.lectureId)], [load.name]);
  crashPoint("loader.opened");
  return Number(finished) === 1 ? "ready" : "unfinished";
}

async function add(
  redis: AdmissionRedis,
  load: Load,
  fromTo: [step: string, next: string],
  claims: LoadedClaim[],
): Promise<string> {
  const { lectureId } = load;
  const keys = [
    redisKeys.lecture(lectureId),
    redisKeys.claims(lectureId),
    redisKeys.held(lectureId),
    redisKeys.released(lectureId),
  ];
  const args = [...argsOf(load), ...fromTo];
  for (const { userId, rid, state, claimedAtMs } of claims)
    args.push(userId, rid, state, String(claimedAtMs));
  const step = String(await run(redis, claimsScript, keys, args));
  crashPoint("loader.claims_loaded");
  return step;
}

function argsOf({ name, loader }: Load): string[] {
  return [name, loader.name, String(LEASE_MS)];
}

/** Which of these lectures Redis is ready to admit to, in one round trip; under one mark alone where it is given, in two. */
export async function findReady(
  redis: AdmissionRedis,
  lectureIds: LectureId[],
  mark?: string,
): Promise<Set<LectureId>> {
  const fieldOf = (field: string) =>
    pipelined(redis, lectureIds, (pipeline, id) => pipeline.hget(redisKeys.lecture(id), field));
  const ready = await fieldOf("ready");
  const marks = mark === undefined ? undefined : await fieldOf("mark");
  return new Set(
    lectureIds.filter((_, at) => String(ready[at]) === "1" && (!marks || String(marks[at]) === mark)),
  );
}
