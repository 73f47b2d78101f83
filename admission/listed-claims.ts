import type { ClaimSource, LoadedClaim } from "./load.ts";

/** The claims of a list, for whoever knows them all: in one page, with what is held beside it. */
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
