import {
  type OrganisedLecture,
  type OrganisedRow,
  organisedLecture,
  organisedOf,
} from "../catalogue/organised.ts";
import type { Actor } from "../contract/actor.ts";
import { LectureId } from "../contract/ids.ts";
import type { Deadline } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { Refusal } from "./refusal.ts";
import { select } from "./select.ts";

/**
 * The lecture that an actor asks for, unpublished ones too. Throws the refusal `lecture_not_found`
 * for a lecture of another host, as for one that does not exist or is not made yet. Takes no place
 * at the gate.
 */
export async function ownLecture(
  deps: Pick<OriginDeps, "catalogue">,
  actor: Actor,
  id: string,
  deadline: Deadline,
): Promise<OrganisedLecture> {
  const lecture = await ownDraft(deps, actor, id, deadline);
  if (lecture.terms.version === 0) throw new Refusal("lecture_not_found");
  return lecture;
}

/** As ownLecture; gives a lecture whose making is not decided, too: its version is 0. */
export async function ownDraft(
  { catalogue }: Pick<OriginDeps, "catalogue">,
  actor: Actor,
  id: string,
  deadline: Deadline,
): Promise<OrganisedLecture> {
  if (!LectureId.safeParse(id).success) throw new Refusal("lecture_not_found");
  const [row] = await select<OrganisedRow>(catalogue, organisedLecture(actor, id), deadline);
  if (!row) throw new Refusal("lecture_not_found");
  return organisedOf(row);
}
