import { type Clock, systemClock } from "../runtime/clock/clock.ts";
import type { ZooKeeperSession } from "./session.ts";

export interface LeadershipOptions {
  /** the ephemeral node that the leader holds */
  path: string;
  /** told when this process becomes the leader, and when it no longer is */
  onChange?: (leading: boolean) => void;
  /** the machine's own by default */
  clock?: Clock;
}

/** How often the leader makes sure of its node, and the others try for it, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/**
 * For how long one look may be believed, in milliseconds. It must stay well below the session timeout, after which ZooKeeper gives
 * the node to somebody else: so an old leader that was stopped, or cut off, stops acting before a new one begins.
 */
const LEASE_MS = 3_000;

/**
 * What ZooKeeper confirmed last: the node is ours, by a question of that session, asked at that
 * time of the monotonic clock.
 */
interface Lease {
  session: symbol;
  askedAtMs: number;
}

/**
 * One leader among the processes that campaign for the same path. It is at work from the call on.
 * Leadership is a lease of three seconds, by the process' own monotonic clock, from ZooKeeper's
 * last confirmation on. It ends at once with the session that holds the node: ZooKeeper may give
 * the node to another process as soon as that session is over, and a new session of the same
 * process has no part in it.
 */
export function campaign(
  session: ZooKeeperSession,
  { path, onChange, clock = systemClock }: LeadershipOptions,
) {
  const closing = new AbortController();
  const me = Buffer.from(crypto.randomUUID());
  let lease: Lease | undefined;
  let known = false;

  const leads = () =>
    lease !== undefined &&
    lease.session === session.currentSession() &&
    clock.monotonicMs() - lease.askedAtMs < LEASE_MS;

  async function loop(): Promise<void> {
    while (!closing.signal.aborted) {
      await look().catch(() => {});
      tell();
      await clock.sleep(LOOK_EVERY_MS, closing.signal);
    }
  }

  /**
   * The lease counts from before the question, for the answer may have taken its time. It counts
   * for the session that was asked: where another one has taken over meanwhile, the lease is void
   * from the beginning.
   */
  async function look(): Promise<void> {
    const asked = session.currentSession();
    const askedAtMs = clock.monotonicMs();
    const isMine = (await session.createEphemeral(path, me)) === "created" || (await holdsMine());
    lease = isMine && asked ? { session: asked, askedAtMs } : undefined;
  }

  /**
   * Others who campaign in the same session write other data; this process' earlier sessions wrote
   * the same.
   */
  async function holdsMine(): Promise<boolean> {
    const node = await session.read(path);
    return (node?.isOfThisSession ?? false) && (node?.data.equals(me) ?? false);
  }

  function tell(): void {
    if (leads() === known) return;
    known = !known;
    onChange?.(known);
  }

  const looping = loop();

  return {
    /** Whether this process may act as the leader now. Ask right before each act. */
    leads,

    /** Gives the leadership up, so that another process can take it at once. Never rejects. */
    async close(): Promise<void> {
      closing.abort();
      await looping;
      const held = leads();
      lease = undefined;
      tell();
      if (held) await session.remove(path).catch(() => {});
    },
  };
}
