import type { Rid } from "../contract/ids.ts";
import { pendingPaths } from "../contract/names.ts";
import type { ZooKeeperSession } from "./session.ts";

export interface WatchOptions {
  /** rids watched at once, at most; each costs one ZooKeeper watch. Up to 5,000 in one session have been seen to go well */
  maxWatches: number;
  /** callers waiting at once, for however many rids; four times `maxWatches` by default */
  maxWaiters?: number;
}

export interface WaitOptions {
  /** how long to wait, in milliseconds */
  timeoutMs: number;
  /** gives up earlier, as `timeout` */
  signal?: AbortSignal;
}

type Waiter = (outcome: "gone" | "timeout") => void;

/**
 * A rid with a watch, or about to get one. It outlives its waiters, for this client cannot take a watch back: it keeps its
 * slot until the watch fires, and whoever comes for the same rid meanwhile joins it.
 */
interface Watched {
  rid: Rid;
  waiters: Set<Waiter>;
}

/** Each check is one or two small reads. */
const CHECKS_AT_A_TIME = 64;
const RETRY_MS = 250;

/**
 * Waiting for decisions, by watches on pending nodes. A watch is set by reading its node, and only where there is a node.
 * When it fires, when the session was renewed and when a read failed, the nodes are read again: no wake-up is lost,
 * and none is taken at its word.
 */
export function pendingWatches(session: ZooKeeperSession, options: WatchOptions) {
  const { maxWatches, maxWaiters = 4 * maxWatches } = options;
  const watched = new Map<Rid, Watched>();
  const toCheck = new Set<Watched>();
  const checking = new Set<Watched>();
  const failed = new Set<Watched>();
  let retry: ReturnType<typeof setTimeout> | undefined;
  let waiting = 0;
  let closed = false;

  const stopListening = session.onRenewed(() => {
    for (const entry of watched.values()) toCheck.add(entry);
    checkNext();
  });

  function checkSoon(entry: Watched): void {
    if (watched.get(entry.rid) !== entry) return;
    toCheck.add(entry);
    checkNext();
  }

  function checkNext(): void {
    for (const entry of toCheck) {
      if (checking.size >= CHECKS_AT_A_TIME) return;
      if (checking.has(entry)) continue;
      toCheck.delete(entry);
      void check(entry);
    }
  }

  async function check(entry: Watched): Promise<void> {
    if (entry.waiters.size === 0) {
      watched.delete(entry.rid);
      return;
    }
    checking.add(entry);
    try {
      if (!(await watchPending(entry))) settle(entry);
    } catch {
      retryLater(entry);
    }
    checking.delete(entry);
    checkNext();
  }

  /** Sets one watch, on whichever node of the rid exists; false when neither does. */
  async function watchPending(entry: Watched): Promise<boolean> {
    const wake = () => checkSoon(entry);
    for (const kind of ["reserve", "cancel"] as const) {
      if (await session.read(pendingPaths.node(entry.rid, kind), wake)) return true;
    }
    return false;
  }

  function settle(entry: Watched): void {
    watched.delete(entry.rid);
    for (const waiter of entry.waiters) waiter("gone");
  }

  function retryLater(entry: Watched): void {
    if (closed) return;
    failed.add(entry);
    retry ??= setTimeout(() => {
      retry = undefined;
      const again = [...failed];
      failed.clear();
      for (const each of again) checkSoon(each);
    }, RETRY_MS);
  }

  function entryOf(rid: Rid): Watched | undefined {
    const known = watched.get(rid);
    if (known || watched.size >= maxWatches) return known;
    const entry: Watched = { rid, waiters: new Set() };
    watched.set(rid, entry);
    toCheck.add(entry);
    return entry;
  }

  return {
    /**
     * Resolves with `gone` when the rid has neither a reserve node nor a cancel node, at once if it has none now. With `full` at
     * once when there are too many watches or waiters: poll instead. With `timeout` when it is not known to be gone in time,
     * whatever the reason. Never rejects.
     */
    untilGone(rid: Rid, { timeoutMs, signal }: WaitOptions): Promise<"gone" | "timeout" | "full"> {
      const entry = closed || waiting >= maxWaiters ? undefined : entryOf(rid);
      if (!entry) return Promise.resolve("full");
      const outcome = wait(entry, timeoutMs, signal);
      checkNext();
      return outcome;
    },

    /** How many watches and waiters there are now. */
    counts: () => ({ watches: watched.size, waiters: waiting }),

    /** Ends every wait with `timeout`. The watches end with their session. */
    close(): void {
      closed = true;
      stopListening();
      clearTimeout(retry);
      toCheck.clear();
      for (const entry of watched.values()) for (const waiter of entry.waiters) waiter("timeout");
      watched.clear();
    },
  };

  function wait(
    entry: Watched,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<"gone" | "timeout"> {
    return new Promise((resolve) => {
      const finish: Waiter = (outcome) => {
        clearTimeout(deadline);
        signal?.removeEventListener("abort", giveUp);
        entry.waiters.delete(finish);
        waiting -= 1;
        resolve(outcome);
      };
      const giveUp = () => finish("timeout");
      const deadline = setTimeout(giveUp, signal?.aborted ? 0 : timeoutMs);
      signal?.addEventListener("abort", giveUp);
      entry.waiters.add(finish);
      waiting += 1;
    });
  }
}
