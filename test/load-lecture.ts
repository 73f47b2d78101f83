import {
  beginLoad,
  type ClaimSource,
  goOnLoading,
  type LoadedClaim,
  type LoadedLecture,
  type Loader,
} from "../admission/load.ts";
import type { AdmissionRedis } from "../admission/script.ts";
import type { AdmissionTerms } from "../admission/terms.ts";

/** A published lecture for everybody, in its first version. */
const USUAL = { version: 1, audience: [] as string[] };

/** The terms of an open lecture with this many seats. */
export function openTerms(capacity: number): AdmissionTerms {
  const [opensAtMs, closesAtMs] = [Date.now() - 1_000, Date.now() + 60_000];
  return { ...USUAL, opensAtMs, closesAtMs, capacity, cancelled: false };
}

/** Loads a lecture from its first step to its last: see beginLoad and goOnLoading. */
export async function loadLecture(
  redis: AdmissionRedis,
  lecture: Omit<LoadedLecture, keyof typeof USUAL> & Partial<LoadedLecture>,
  source: Omit<ClaimSource, "terms">,
  loader: Loader = { name: crypto.randomUUID(), mark: "" },
): Promise<"ready" | "busy" | "unfinished"> {
  const begun = await beginLoad(redis, lecture, loader);
  if (typeof begun === "string") return begun;
  const terms = async () => ({ ...USUAL, ...lecture });
  return await goOnLoading(redis, begun, { ...source, terms });
}

/** A ClaimSource of a known list: one page of decisions, the held claims, and open terms. */
export function listedClaims(claims: LoadedClaim[] = [], capacity = 3): ClaimSource {
  const { held = [], decided = [] } = Object.groupBy(claims, ({ state }) =>
    state === "held" ? "held" : "decided",
  );
  decided.sort((a, b) => (a.rid < b.rid ? -1 : 1));
  return {
    decisionsAfter: async (after) => ({
      claims: decided.filter(({ rid }) => rid > after),
      isLast: true,
    }),
    held: async () => held,
    terms: async () => openTerms(capacity),
  };
}
