import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { noCase } from "../contract/no-case.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import type { ClaimState } from "./claim.ts";
import beginSource from "./load-begin.lua";
import claimsSource from "./load-claims.lua";
import dropSource from "./load-drop.lua";
import finishSource from "./load-finish.lua";
import { pipelined } from "./pipelined.ts";
import { type AdmissionRedis, run, runTogether, script } from "./script.ts";
import { type AdmissionTerms, argsOf as argsOfTerms, scriptWithStricter } from "./terms.ts";

/** A lecture that Redis should admit to. */
export interface LoadedLecture extends AdmissionTerms {
  lectureId: LectureId;
}

/** A claim or a released rid, from a decision or a pending node. */
export interface LoadedClaim {
  userId: UserId;
  rid: Rid;
  state: ClaimState;
  claimedAtMs: number;
}

/** The source of a lecture's claims. It is read only while admission to the lecture is closed. */
export interface ClaimSource {
  /** the next decisions by rid, with rids above `rid`; `isLast` where no more follow */
  decisionsAfter(rid: string): Promise<{ claims: LoadedClaim[]; isLast: boolean }>;
  /** claims that are held and undecided */
  held(): Promise<LoadedClaim[]>;
  /** the terms as they are now; undefined where there are none that Redis could admit by */
  terms(): Promise<AdmissionTerms | undefined>;
}

/** The loader, and the Redis it loads. */
export interface Loader {
  /** unique to each process */
  name: string;
  /** mark of the loaded Redis (opening.ts) */
  mark: string;
  sizes?: LoadSizes;
}

/** Claims to look at in one dropping or adding script run: from 1 to 1,000. */
export interface LoadSizes {
  dropped: number;
  added: number;
}

/** A load in progress. */
export interface Load {
  loader: Loader;
  lectureId: LectureId;
  name: string;
  /** as load-begin.lua returns it */
  step: string;
}

const beginScript = script(beginSource);
const dropScript = script(dropSource);
const claimsScript = script(claimsSource);
const finishScript = scriptWithStricter(finishSource);

/** Large enough to be fast, small enough to hold Redis up for only some milliseconds. */
const USUAL_SIZES: LoadSizes = { dropped: 500, added: 1_000 };

/** Dropping runs sent to Redis at once. */
const DROPS_AT_ONCE = 4;

/** A loader without a next step within this time may be dead: any other goes on with its load. */
const LEASE_MS = 3_000;

/** Reply of load-drop.lua and load-claims.lua when a load is over: finished, or begun again. */
const OVER = "";

/**
 * Closes admission to a lecture and begins its load, or goes on with an abandoned load. `anew` also
 * loads a ready lecture, unless it became ready under the loader's mark.
 *
 * @returns the load to go on with; `ready` when nothing is to be loaded; `busy` while another
 * loader has the lecture
 */
export async function beginLoad(
  redis: AdmissionRedis,
  { lectureId }: { lectureId: LectureId },
  loader: Loader,
  anew = false,
): Promise<Load | "ready" | "busy"> {
  const asks = [loader.name, crypto.randomUUID(), loader.mark, String(LEASE_MS)];
  const keys = [redisKeys.lecture(lectureId)];
  const args = [...asks, anew ? "1" : "0"];
  const begun = readBegun(await run(redis, beginScript, keys, args));
  if (typeof begun === "string") return begun;
  crashPoint("loader.closed");
  return { loader, lectureId, ...begun };
}

/** Names the parts of load-begin.lua's reply. */
function readBegun(reply: unknown): Pick<Load, "name" | "step"> | "ready" | "busy" {
  const [outcome, ...parts] = (reply as unknown[]).map(String);
  switch (outcome) {
    case "ready":
    case "busy":
      return outcome;
    case "going": {
      const [name = "", step = ""] = parts;
      return { name, step };
    }
    default:
      throw new Error(`the script load-begin answered ${outcome}, which is none of its outcomes`);
  }
}

/** Reads load-drop.lua's and load-claims.lua's reply: the step to go on from, or OVER. */
function readStep(reply: unknown): string {
  return String(reply);
}

/** Reads load-finish.lua's reply: whether this load made the lecture ready. */
function readFinished(reply: unknown): boolean {
  return Number(reply) === 1;
}

/**
 * Goes on with a load until the lecture is ready or `mayGoOn` returns false. Admission answers
 * `not_ready` throughout, so an incomplete count admits nobody. Redis records each step with its
 * claims. A load that stops here, for any reason, goes on from its last step. Two loaders of one
 * load do each other no harm.
 *
 * @returns `ready`, or `unfinished` when steps are left or another load began
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
    if (isLast && added.isWhole) return await finish(redis, load, source);
    step = added.step;
  }
  return "unfinished";
}

/** Reads the next page while the present one is added. */
function readAhead({ decisionsAfter }: ClaimSource): ClaimSource["decisionsAfter"] {
  let next: { after: string; page: ReturnType<typeof decisionsAfter> } | undefined;
  return async (after) => {
    const page = await (next?.after === after ? next.page : decisionsAfter(after));
    const last = page.claims.at(-1)?.rid;
    next =
      page.isLast || last === undefined ? undefined : { after: last, page: decisionsAfter(last) };
    next?.page.catch(() => {}); // the reader of this page gets the error
    return page;
  };
}

/**
 * Sends several runs at once. Each goes on where the run before it stopped. On a slow link a round
 * trip takes longer than a run.
 */
async function drop(redis: AdmissionRedis, load: Load): Promise<string> {
  const { dropped } = load.loader.sizes ?? USUAL_SIZES;
  const keys = [redisKeys.lecture(load.lectureId), redisKeys.claims(load.lectureId)];
  const args = [...argsOf(load), String(dropped)];
  const runs = Array.from({ length: DROPS_AT_ONCE }, () => run(redis, dropScript, keys, args));
  const steps = (await Promise.all(runs)).map(readStep);
  crashPoint("loader.claims_dropped");
  return steps.find((step) => !step.startsWith("drop:")) ?? steps[0] ?? OVER;
}

/**
 * Adds the decisions after `step` in one round trip. `isWhole`: this loader alone added them all.
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
  const elsewhere = replies.map(readStep).find((reply, at) => reply !== steps[at + 1]);
  return { step: elsewhere ?? steps.at(-1) ?? OVER, isWhole: elsewhere === undefined };
}

/** The terms are read after the load began: see load-finish.lua. */
async function finish(
  redis: AdmissionRedis,
  load: Load,
  source: ClaimSource,
): Promise<"ready" | "unfinished"> {
  for (const some of chunksOf(load, await source.held())) {
    const args = argsOfRun(load, ["", ""], some);
    if (readStep(await run(redis, claimsScript, keysOf(load.lectureId), args)) === OVER)
      return "unfinished";
  }
  const terms = await source.terms();
  if (!terms) return "unfinished";
  const args = [load.name, String(terms.version), ...argsOfTerms(terms)];
  const reply = await run(redis, finishScript, keysToFinish(load.lectureId), args);
  crashPoint("loader.opened");
  return readFinished(reply) ? "ready" : "unfinished";
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

/** A claim in the script's form. */
function knownOf({ rid, state, claimedAtMs }: LoadedClaim): string {
  switch (state) {
    case "held":
      return `h:${claimedAtMs}:${rid}`;
    case "confirmed":
      return `k:${claimedAtMs}:${rid}`;
    case "rejected":
    case "cancelled":
      return `${state}:${rid}`;
    default:
      return noCase(state);
  }
}

function keysToFinish(id: LectureId): string[] {
  return [redisKeys.lecture(id), redisKeys.claims(id), redisKeys.released(id)];
}

function keysOf(id: LectureId): string[] {
  return [redisKeys.lecture(id), redisKeys.claims(id), redisKeys.held(id), redisKeys.released(id)];
}

/** Lectures ready for admission, in one round trip; with `mark`, ready under that mark, in two. */
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
