import type { ClaimSource, LoadedClaim } from "./load.ts";

/** A ClaimSource of a known list: one page of decisions, and the held claims. */
export function listedClaims(claims: LoadedClaim[] = []): ClaimSource {
  const decided = claims
    .filter(({ state }) => state !== "held")
    .sort((a, b) => (a.rid < b.rid ? -1 : 1));
  return {
    decisionsAfter: async (after) => ({
      claims: decided.filter(({ rid }) => rid > after),
      isLast: true,
    }),
    held: async () => claims.filter(({ state }) => state === "held"),
  };
}
