import {
  beginLoad,
  type ClaimSource,
  goOnLoading,
  type LoadedClaim,
  type LoadedLecture,
  type Loader,
} from "../admission/load.ts";
import type { AdmissionRedis } from "../admission/script.ts";

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

/** A ClaimSource of a known list: one page of decisions, and the held claims. */
export function listedClaims(claims: LoadedClaim[] = []): ClaimSource {
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
  };
}
