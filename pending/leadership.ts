import { type Clock, systemClock } from "../clock/clock.ts";
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
 * One leader among the processes that campaign for the same path. It is at work from the call on. Leadership is a lease: it is believed
 * for three seconds after ZooKeeper last confirmed it by the process' own monotonic clock, whatever has happened since.
 */
export function campaign(
  session: ZooKeeperSession,
  { path, onChange, clock = systemClock }: LeadershipOptions,
) {
  const closing = new AbortController();
  const me = Buffer.from(crypto.randomUUID());
  let confirmedAtMs = Number.NEGATIVE_INFINITY;
  let known = false;

  const leads = () => clock.monotonicMs() - confirmedAtMs < LEASE_MS;

  async function loop(): Promise<void> {
    while (!closing.signal.aborted) {
      await look().catch(() => {});
      tell();
      await clock.sleep(LOOK_EVERY_MS, closing.signal);
    }
  }

  /** The lease counts from before the question: the answer may have taken its time. */
  async function look(): Promise<void> {
    const askedAtMs = clock.monotonicMs();
    const mine = (await session.createEphemeral(path, me)) === "created" || (await holdsMine());
    confirmedAtMs = mine ? askedAtMs : Number.NEGATIVE_INFINITY;
  }

  async function holdsMine(): Promise<boolean> {
    return (await session.read(path))?.data.equals(me) ?? false;
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
      confirmedAtMs = Number.NEGATIVE_INFINITY;
      tell();
      if (held) await session.remove(path).catch(() => {});
    },
  };
}
