/** A check for each server's name. It does what the service needs of the server, or rejects. */
export type Checks = Readonly<Record<string, () => Promise<unknown>>>;

/** How long a check may take, in milliseconds: less than the callers of `/readyz` wait. */
export const CHECK_WITHIN_MS = 1_500;

/**
 * Gives the function that names the servers whose check fails or takes over CHECK_WITHIN_MS. It
 * never rejects. Callers during a check share its answer, so many callers cost one check.
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
  const timer = setTimeout(
    late.reject,
    CHECK_WITHIN_MS,
    new Error(`no answer within ${CHECK_WITHIN_MS} ms`),
  );
  const names = Object.keys(checks);
  const checking = names.map(async (name) => Promise.race([checks[name]?.(), late.promise]));
  const outcomes = await Promise.allSettled(checking);
  clearTimeout(timer);
  return names.filter((_, at) => outcomes[at]?.status === "rejected");
}
