import type { RowDataPacket } from "mysql2/promise";
import type { Database } from "../database/pool.ts";

/** A replica of the catalogue's database. */
export interface Replica {
  /** for log and metrics, without user and password */
  name: string;
  database: Database;
}

export interface Standing {
  name: string;
  /** whether reads go there */
  isUsed: boolean;
  /** how far behind the primary it was at the last look, in milliseconds; undefined: no answer */
  behindMs: number | undefined;
}

export interface Replicas {
  /**
   * Runs a read at a replica that keeps up. Undefined where there is none, or the read failed: the
   * primary must be asked. A replica that fails is left out until the next look.
   */
  viaReplica<T>(read: (replica: Database) => Promise<T>): Promise<T | undefined>;
  /** Writes the heartbeat if it is due, and looks how far replicas are behind. Never rejects. */
  look(): Promise<void>;
  standings(): Standing[];
}

export interface ReplicasOptions {
  primary: Database;
  replicas: Replica[];
  /** called when a replica is left out, and when it is used again */
  onChange?: (standing: Standing) => void;
}

/** A replica further behind is left out until it is back, in milliseconds. */
const BEHIND_MAX_MS = 2_000;

/**
 * How far behind a replica in use may be, in milliseconds: what is allowed, and twice the longest
 * look at all heartbeats with the pause before it.
 */
export const IN_USE_BEHIND_MAX_MS = 10_000;

/** How long a replica may take to tell its heartbeat, in milliseconds. */
export const REPLICA_WITHIN_MS = 1_000;

/** The first origin of each second writes it. A time far ahead comes from a clock that was set. */
const BEAT = `
  INSERT INTO heartbeat (id, beat_at) VALUES (1, UTC_TIMESTAMP(3))
  ON DUPLICATE KEY UPDATE beat_at =
    IF(beat_at BETWEEN UTC_TIMESTAMP(3) - INTERVAL 900000 MICROSECOND
                   AND UTC_TIMESTAMP(3) + INTERVAL 2 SECOND, beat_at, UTC_TIMESTAMP(3))`;
const SELECT_BEAT = "SELECT beat_at AS beatAt FROM heartbeat WHERE id = 1";

/**
 * The replicas that may answer reads of the catalogue. Both heartbeats are times of the primary's
 * clock, so no other clock matters. While the primary does not answer, nothing new is written, and
 * the replicas keep their standing.
 */
export function createReplicas({ primary, replicas, onChange }: ReplicasOptions): Replicas {
  const standings = replicas.map(
    ({ name }): Standing => ({ name, isUsed: false, behindMs: undefined }),
  );
  let turn = 0;

  function stand(at: number, behindMs: number | undefined, isUsed: boolean): void {
    const standing = standings[at];
    if (!standing) return;
    const hasChanged = standing.isUsed !== isUsed;
    Object.assign(standing, { isUsed, behindMs });
    if (hasChanged) onChange?.({ ...standing });
  }

  async function lookAt(at: number, beatMs: number | undefined): Promise<void> {
    const replicaBeatMs = await beatOf(replicas[at]?.database);
    if (replicaBeatMs === undefined) stand(at, undefined, false);
    else if (beatMs !== undefined) {
      const behindMs = Math.max(0, beatMs - replicaBeatMs);
      stand(at, behindMs, behindMs <= BEHIND_MAX_MS);
    }
  }

  /** A replica in use, each in its turn. */
  function nextInUse(): number | undefined {
    for (let tries = 0; tries < replicas.length; tries += 1) {
      turn = (turn + 1) % replicas.length;
      if (standings[turn]?.isUsed) return turn;
    }
    return undefined;
  }

  return {
    async viaReplica(read) {
      const at = nextInUse();
      const replica = at === undefined ? undefined : replicas[at];
      if (at === undefined || !replica) return undefined;
      try {
        return await read(replica.database);
      } catch {
        stand(at, undefined, false);
        return undefined;
      }
    },
    async look() {
      if (replicas.length === 0) return;
      const beatMs = await beat(primary).catch(() => undefined);
      await Promise.all(replicas.map((_, at) => lookAt(at, beatMs)));
    },
    standings: () => standings,
  };
}

/**
 * Reads at a replica where one has at least the version `atLeast`, otherwise at the primary.
 * Without `atLeast` at the primary alone.
 */
export async function readVersion<T extends { version: number }>(
  { replicas, primary }: { replicas: Pick<Replicas, "viaReplica">; primary: Database },
  atLeast: number | undefined,
  read: (database: Database) => Promise<T>,
): Promise<T> {
  const found = atLeast === undefined ? undefined : await replicas.viaReplica(read);
  const isNew = found !== undefined && found.version >= (atLeast ?? 0);
  return isNew ? found : await read(primary);
}

async function beat(primary: Database): Promise<number | undefined> {
  await primary.withConnection(
    (connection) => connection.query({ sql: BEAT, timeout: REPLICA_WITHIN_MS }),
    REPLICA_WITHIN_MS,
  );
  return await readBeat(primary);
}

async function beatOf(database: Database | undefined): Promise<number | undefined> {
  return database && (await readBeat(database).catch(() => undefined));
}

async function readBeat(database: Database): Promise<number | undefined> {
  const [rows] = await database.withConnection(
    (connection) =>
      connection.query<(RowDataPacket & { beatAt: Date })[]>({
        sql: SELECT_BEAT,
        timeout: REPLICA_WITHIN_MS,
      }),
    REPLICA_WITHIN_MS,
  );
  return rows[0]?.beatAt.getTime();
}
