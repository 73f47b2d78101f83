import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import type { ClaimState } from "./claim.ts";
import beginSource from "./load-begin.lua";
import claimsSource from "./load-claims.lua";
import dropSource from "./load-drop.lua";
import finishSource from "./load-finish.lua";
import { pipelined } from "./pipelined.ts";
import { type AdmissionRedis, run, runTogether, script } from "./script.ts";

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

/** How many claims are looked at to be dropped, or added, in one script run: from one to a thousand. */
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
const USUAL_SIZES: LoadSizes = { dropped: 500, added: 1_000 };

/** Runs that drop claims, on their way to Redis at once. */
const DROPS_AT_ONCE = 4;

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
  const reply = (await run(redis, beginScript, keys, [
    ...asks,
    ...terms,
    anew ? "1" : "0",
  ])) as unknown[];
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
  const read = readAhead(source);
  for (let { step } = load; step !== OVER && mayGoOn(); ) {
    if (step.startsWith("drop:")) {
      step = await drop(redis, load);
      continue;
    }
    const { claims, isLast } = await read(step.slice("add:".length));
    const added = await addAll(redis, load, step, claims);
    if (isLast && added.isWhole) return await finish(redis, load, await source.held());
    step = added.step;
  }
  return "unfinished";
}

/** Reads each page while the one before it is added. */
function readAhead({ decisionsAfter }: ClaimSource): ClaimSource["decisionsAfter"] {
  let next: { after: string; page: ReturnType<typeof decisionsAfter> } | undefined;
  return async (after) => {
    const page = await (next?.after === after ? next.page : decisionsAfter(after));
    const last = page.claims.at(-1)?.rid;
    next =
      page.isLast || last === undefined ? undefined : { after: last, page: decisionsAfter(last) };
    next?.page.catch(() => {}); // told to whoever asks for this page
    return page;
  };
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

/** Some runs at once, each of which goes on from where the one before it stopped: on a slow way to Redis a trip takes longer than a run. */
async function drop(redis: AdmissionRedis, load: Load): Promise<string> {
  const { dropped } = load.loader.sizes ?? USUAL_SIZES;
  const keys = [redisKeys.lecture(load.lectureId), redisKeys.claims(load.lectureId)];
  const args = [...argsOf(load), String(dropped)];
  const runs = Array.from({ length: DROPS_AT_ONCE }, () => run(redis, dropScript, keys, args));
  const steps = (await Promise.all(runs)).map(String);
  crashPoint("loader.claims_dropped");
  return steps.find((step) => !step.startsWith("drop:")) ?? steps[0] ?? OVER;
}

/**
 * Adds the decisions that come after `step`, in one round trip. `isWhole` is that this loader added all of them, and no other one in
 * between.
 */
async function addAll(redis: AdmissionRedis, load: Load, step: string, claims: LoadedClaim[]) {
  const chunks = chunksOf(load, claims);
  const steps = [step, ...chunks.map((some) => `add:${some.at(-1)?.rid}`)];
  const keys = keysOf(load.lectureId);
  const runs = chunks.map((some, at) =>
    argsOfRun(load, [steps[at] ?? OVER, steps[at + 1] ?? OVER], some),
  );
  const replies = await runTogether(redis, claimsScript, keys, runs);
  if (runs.length > 0) crashPoint("loader.claims_loaded");
  const elsewhere = replies.map(String).find((reply, at) => reply !== steps[at + 1]);
  return { step: elsewhere ?? steps.at(-1) ?? OVER, isWhole: elsewhere === undefined };
}

async function finish(
  redis: AdmissionRedis,
  load: Load,
  held: LoadedClaim[],
): Promise<"ready" | "unfinished"> {
  for (const some of chunksOf(load, held)) {
    const args = argsOfRun(load, ["", ""], some);
    if (String(await run(redis, claimsScript, keysOf(load.lectureId), args)) === OVER)
      return "unfinished";
  }
  const finished = await run(redis, finishScript, keysToFinish(load.lectureId), [load.name]);
  crashPoint("loader.opened");
  return Number(finished) === 1 ? "ready" : "unfinished";
}

function chunksOf({ loader }: Load, claims: LoadedClaim[]): LoadedClaim[][] {
  const { added } = loader.sizes ?? USUAL_SIZES;
  const count = Math.ceil(claims.length / added);
  return Array.from({ length: count }, (_, at) => claims.slice(at * added, (at + 1) * added));
}

function argsOf({ name, loader }: Load): string[] {
  return [name, loader.name, String(LEASE_MS)];
}

function argsOfRun(
  load: Load,
  fromTo: [step: string, next: string],
  claims: LoadedClaim[],
): string[] {
  const args = [...argsOf(load), ...fromTo];
  for (const claim of claims) args.push(claim.userId, knownOf(claim));
  return args;
}

/** What is known of a claim, as the script takes it. */
function knownOf({ rid, state, claimedAtMs }: LoadedClaim): string {
  if (state === "rejected" || state === "cancelled") return `${state}:${rid}`;
  return `${state === "held" ? "h" : "k"}:${claimedAtMs}:${rid}`;
}

function keysToFinish(id: LectureId): string[] {
  return [redisKeys.lecture(id), redisKeys.claims(id), redisKeys.released(id)];
}

function keysOf(id: LectureId): string[] {
  return [redisKeys.lecture(id), redisKeys.claims(id), redisKeys.held(id), redisKeys.released(id)];
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
    lectureIds.filter(
      (_, at) => String(ready[at]) === "1" && (!marks || String(marks[at]) === mark),
    ),
  );
}
