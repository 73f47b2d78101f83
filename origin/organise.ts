import { insertDraft, lectureOfCreation } from "../catalogue/draft.ts";
import { type HostRow, hostOf } from "../catalogue/hosts.ts";
import { nextLectureId } from "../catalogue/lecture-ids.ts";
import { keepWords, readWords, type WordsRow, wordsOf } from "../catalogue/words.ts";
import type { Actor } from "../contract/actor.ts";
import type { Amendment } from "../contract/amendment.ts";
import type { AmendCommand } from "../contract/command.ts";
import type { HostId } from "../contract/host.ts";
import {
  amendmentRidOf,
  creationOf,
  type LectureId,
  lectureOf,
  type Rid,
} from "../contract/ids.ts";
import type { Amended, AmendRequest, MakeRequest } from "../contract/organised-lecture.ts";
import type { Change } from "../contract/terms.ts";
import type { WordsChange } from "../contract/words.ts";
import { isDuplicate } from "../database/data-error.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import { findAmendment } from "./amendment-rows.ts";
import { type Deadline, within } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { execute } from "./execute.ts";
import { readOrganised } from "./organised.ts";
import { ownLecture } from "./own-lecture.ts";
import { Refusal } from "./refusal.ts";
import type { RequestTrace } from "./request-trace.ts";
import { answerAmend } from "./routes/commands.ts";
import { select } from "./select.ts";

/** How an organiser's request is worked on. */
export interface Organising {
  deadline: Deadline;
  trace: RequestTrace;
  /** called before a wait for the decision */
  onWait: () => void;
}

/**
 * Makes a lecture. Its draft comes first, and nobody sees it: the worker's decision makes the
 * lecture. The same key of the same user finds the same draft, and makes no second lecture. Throws
 * Refusal.
 */
export async function makeLecture(
  deps: OriginDeps,
  actor: Actor,
  request: MakeRequest,
  how: Organising,
): Promise<Amended> {
  const { key, words, change } = request;
  if (!change.create) throw new Refusal("invalid_request");
  const creation = creationOf(actor.userId, key);
  const draft = async () => {
    await requireHost(deps, actor, words.host, how.deadline);
    const known = await findCreation(deps, creation, how.deadline);
    return known ?? (await makeDraft(deps, actor, request, creation, how.deadline));
  };
  const lectureId = await deps.gates.reads.run(draft, how.deadline);
  crashPoint("origin.draft_made");
  // A key of its own: the request's key may name a change of this lecture, too.
  const asked = { ...request, key: creation, ifVersion: null, strict: false };
  return await amend(deps, actor, lectureId, asked, how);
}

/** Changes a lecture of the actor's hosts. Throws Refusal. */
export async function amendLecture(
  deps: OriginDeps,
  actor: Actor,
  id: string,
  request: AmendRequest,
  how: Organising,
): Promise<Amended> {
  if (request.change.create) throw new Refusal("invalid_request");
  const lectureId = await deps.gates.reads.run(async () => {
    const { host } = request.words ?? {};
    const lecture = await ownLecture(deps, actor, id, how.deadline);
    if (host !== undefined) await requireHost(deps, actor, host, how.deadline);
    return lecture.id;
  }, how.deadline);
  return await amend(deps, actor, lectureId, request, how);
}

/**
 * Keeps the words under the amendment's rid, queues the command and waits for it. The words are
 * there before the command, so every projection of the amendment finds them. Words whose command
 * was never queued change nothing.
 */
async function amend(
  deps: OriginDeps,
  actor: Actor,
  lectureId: LectureId,
  request: AmendRequest,
  { deadline, ...asking }: Organising,
): Promise<Amended> {
  const { userId } = actor;
  const { words, change, ifVersion, strict, requestedAtMs, waitMs } = request;
  const rid = amendmentRidOf(lectureId, userId, request.key);
  const known = await deps.gates.reads.run(async () => {
    if (words) await keepOnce(deps, rid, words, userId, deadline);
    return await findAmendment(deps.database, rid, deadline);
  }, deadline);
  crashPoint("origin.words_kept");
  const command: AmendCommand = {
    kind: "amend",
    ...{ rid, lectureId, userId, requestedAtMs, ifVersion, strict, change },
    words: words !== undefined,
  };
  const amendment =
    known ?? (await answerAmend(deps, { command, waitMs }, deadline, asking)).amendment;
  if (!isSameAsk(amendment, change, requestedAtMs)) throw new Refusal("key_reused");
  return await deps.gates.reads.run(() => amendedOf(deps, actor, amendment, deadline), deadline);
}

/**
 * An amendment, and the lecture after it. The catalogue follows before the organiser hears of it.
 * Takes no place at the gate.
 */
export async function amendedOf(
  deps: OriginDeps,
  actor: Actor,
  amendment: Amendment,
  deadline: Deadline,
): Promise<Amended> {
  if (amendment.status === "pending") return { amendment };
  try {
    const lecture = await readOrganised(deps, actor, lectureOf(amendment.id), deadline);
    return { amendment, lecture };
  } catch (error) {
    // A lecture whose making was refused, or that went to a host of others meanwhile.
    if (error instanceof Refusal && error.code === "lecture_not_found") return { amendment };
    throw error;
  }
}

/** Throws Refusal unless the host exists and the actor works for it. */
async function requireHost(
  { catalogue }: OriginDeps,
  actor: Actor,
  id: HostId,
  deadline: Deadline,
): Promise<void> {
  const [host] = await select<HostRow>(catalogue, hostOf(actor, id), deadline);
  if (!host) throw new Refusal("host_not_found");
}

async function findCreation(
  { catalogue }: OriginDeps,
  creation: string,
  deadline: Deadline,
): Promise<LectureId | undefined> {
  const [row] = await select<HostRow>(catalogue, lectureOfCreation(creation), deadline);
  return row && String(row.id);
}

async function makeDraft(
  deps: OriginDeps,
  { userId }: Actor,
  { words, change }: MakeRequest,
  creation: string,
  deadline: Deadline,
): Promise<LectureId> {
  const id = await within(deadline, nextLectureId(deps.catalogue));
  const draft = { id, words, terms: draftTerms(change), createdBy: userId, creation };
  try {
    await within(deadline, insertDraft(deps.catalogue, deps.lectureWrites, draft));
    return id;
  } catch (error) {
    // The same request came twice at once.
    const made = isDuplicate(error) && (await findCreation(deps, creation, deadline));
    if (made) return made;
    throw error;
  }
}

/** The terms of a draft are seen by nobody; the decision's terms replace them. */
function draftTerms({
  opensAtMs = 0,
  closesAtMs = 0,
  startsAtMs = 0,
  endsAtMs = 0,
  cancelUntilMs = null,
  capacity = 0,
  audience = [],
}: Change) {
  return { opensAtMs, closesAtMs, startsAtMs, endsAtMs, cancelUntilMs, capacity, audience };
}

/** Keeps words under a rid. Throws Refusal where the rid has others: the key was used before. */
async function keepOnce(
  { catalogue }: OriginDeps,
  rid: Rid,
  words: WordsChange,
  userId: string,
  deadline: Deadline,
): Promise<void> {
  await execute(catalogue, keepWords(rid, words, userId), deadline);
  const [row] = await select<WordsRow>(catalogue, wordsOf([rid]), deadline);
  if (!row || !Bun.deepEquals(readWords(row), words)) throw new Refusal("key_reused");
}

/**
 * Whether a decided amendment is what is asked for again, as far as it is decided. Closing now is
 * another moment each time.
 */
function isSameAsk({ change }: Amendment, asked: Change, requestedAtMs: number): boolean {
  if (change === undefined) return true;
  const closesNow = asked.closesAtMs === requestedAtMs && change.closesAtMs !== undefined;
  return Bun.deepEquals(change, closesNow ? { ...asked, closesAtMs: change.closesAtMs } : asked);
}
