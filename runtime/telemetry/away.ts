/** By the name of a server: has it do what the service needs of it, and rejects when it does not. */
export type Checks = Readonly<Record<string, () => Promise<unknown>>>;

/** How long a server may take for a check, in milliseconds: less than those who ask `/readyz` wait. */
export const CHECK_WITHIN_MS = 1_500;

/**
 * Gives the function that names the servers which fail their check, or do not end it within CHECK_WITHIN_MS. It never rejects. Whoever
 * asks while it looks is given the same answer, so that many who ask cost no more than one.
 */
export function openAwayList(checks: Checks): () => Promise<string[]> {
  let looking: Promise<string[]> | undefined;
  return () => {
    looking ??= look(checks).finally(() => {
      looking = undefined;
    });
    return looking;
  };
}

async function look(checks: Checks): Promise<string[]> {
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => undefined);
  const timer = setTimeout(late.reject, CHECK_WITHIN_MS, new Error("too late"));
  const names = Object.keys(checks);
  const checking = names.map(async (name) => Promise.race([checks[name]?.(), late.promise]));
  const outcomes = await Promise.allSettled(checking);
  clearTimeout(timer);
  return names.filter((_, at) => outcomes[at]?.status === "rejected");
}
