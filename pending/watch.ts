import { type Command, isOfSeat, kindsOf } from "../contract/command.ts";
import type { Rid } from "../contract/ids.ts";
import { pendingPaths } from "../contract/names.ts";
import type { ZooKeeperSession } from "./session.ts";

export interface WatchOptions {
  /**
   * the most rids watched at once; each costs one ZooKeeper watch. Up to 5,000 in one session have
   * been seen to go well
   */
  maxWatches: number;
  /** the most callers waiting at once, for all rids together; four times `maxWatches` by default */
  maxWaiters?: number;
}

export interface WaitOptions {
  /** how long to wait, in milliseconds */
  timeoutMs: number;
  /** gives up earlier, as `timeout` */
  signal?: AbortSignal;
  /** whether the rid is of an amendment; else it is of a reservation */
  isAmendment?: boolean;
}

type Waiter = (outcome: "gone" | "timeout") => void;

/**
 * A rid with a watch, or about to get one. The library cannot take a watch back, so the entry keeps
 * its slot until the watch fires, even without waiters. New waiters for the rid join it.
 */
interface Watched {
  rid: Rid;
  /** the kinds of command that the rid may have */
  kinds: readonly Command["kind"][];
  waiters: Set<Waiter>;
}

/** A reservation's usual command is reserve. No rid names a reservation and an amendment. */
const USUAL_FIRST = kindsOf({ reserve: true, cancel: true, amend: true }).filter(isOfSeat);
const AMENDMENT = ["amend"] as const;

/** Each check is one or two small reads. */
const CHECKS_AT_A_TIME = 64;
const RETRY_MS = 250;

/**
 * Waits for decisions by watches on pending nodes. Reading a node sets its watch; a missing node
 * gets none. A fired watch, a renewed session or a failed read has the nodes read again. No wake-up
 * is lost, and none is trusted without a read.
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

  /** Sets one watch, on an existing node of the rid; false if the rid has none. */
  async function watchPending(entry: Watched): Promise<boolean> {
    const wake = () => checkSoon(entry);
    for (const kind of entry.kinds) {
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

  function entryOf(rid: Rid, kinds: Watched["kinds"]): Watched | undefined {
    const known = watched.get(rid);
    if (known || watched.size >= maxWatches) return known;
    const entry: Watched = { rid, kinds, waiters: new Set() };
    watched.set(rid, entry);
    toCheck.add(entry);
    return entry;
  }

  return {
    /**
     * Waits until the rid has no pending node: neither a reserve nor a cancel node, or no amend
     * node. Never rejects. Resolves with:
     * - `gone` when the nodes are gone, at once if none exists now;
     * - `full` at once if there are too many watches or waiters: poll instead;
     * - `timeout` if the nodes are not known to be gone in time, whatever the reason.
     */
    untilGone(
      rid: Rid,
      { timeoutMs, signal, isAmendment = false }: WaitOptions,
    ): Promise<"gone" | "timeout" | "full"> {
      const kinds = isAmendment ? AMENDMENT : USUAL_FIRST;
      const entry = closed || waiting >= maxWaiters ? undefined : entryOf(rid, kinds);
      if (!entry) return Promise.resolve("full");
      const outcome = wait(entry, timeoutMs, signal);
      checkNext();
      return outcome;
    },

    /** The numbers of watches and waiters now. */
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
