import { type Clock, systemClock } from "../runtime/clock/clock.ts";
import type { ZooKeeperSession } from "./session.ts";

export interface LeadershipOptions {
  /** the ephemeral node that the leader holds */
  path: string;
  /** called when this process becomes the leader, and when it stops being the leader */
  onChange?: (leading: boolean) => void;
  /** the machine's clock by default */
  clock?: Clock;
}

/** How often the leader checks its node, and the others try for it, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/**
 * How long one look stays valid, in milliseconds: well below the session timeout, after which
 * ZooKeeper gives the node to another process. A leader that was halted or cut off stops acting
 * before a new leader begins.
 */
const LEASE_MS = 3_000;

/**
 * ZooKeeper's last confirmation that the node is ours: the session that asked, and the monotonic
 * time of the question.
 */
interface Lease {
  session: symbol;
  askedAtMs: number;
}

/**
 * One leader among the processes that campaign for the same path, from this call on. Leadership is
 * a lease of three seconds from ZooKeeper's last confirmation, by the process' own monotonic clock.
 *
 * The lease ends at once with the session that holds the node: ZooKeeper may then give the node to
 * another process. A new session of the same process has no part in it.
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
   * The lease counts from before the question, since the answer may take its time, and for the
   * session asked. If another session has taken over meanwhile, the lease is void from the
   * beginning.
   */
  async function look(): Promise<void> {
    const asked = session.currentSession();
    const askedAtMs = clock.monotonicMs();
    const isMine = (await session.createEphemeral(path, me)) === "created" || (await holdsMine());
    lease = isMine && asked ? { session: asked, askedAtMs } : undefined;
  }

  /**
   * Both checks count: another candidate in this session writes other data, and an earlier session
   * of this process wrote the same data.
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
