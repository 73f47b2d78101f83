import type { World } from "./world.ts";

/**
 * A world's future as a number: the servers' contents, the users' answers, and each process'
 * position. Two worlds with the same key behave alike, whatever their past.
 *
 * @param positions the requests and answers of each working process since it began
 */
export function stateKey(
  world: World,
  positions: ReadonlyMap<string, string>,
  faultsLeft: object,
): bigint {
  /** Workers are alike: each is identified by its place among the consumers, not by its name. */
  const roles = new Map(
    world.broker.queues[0]?.consumers.map(({ process }, at) => [process.name, `worker at ${at}`]),
  );
  const roleOf = (name: string) => roles.get(name) ?? name;
  const { redis, mysql, zooKeeper, broker, journal, amends, lectureIds, kernel } = world;
  const parts: unknown[] = [faultsLeft];
  for (const lectureId of lectureIds) {
    parts.push(sorted(redis.claims(lectureId)));
    parts.push(sorted(redis.released(lectureId)));
    parts.push(sorted(redis.held(lectureId)));
    parts.push(sorted(redis.lecture(lectureId)));
    parts.push(mysql.tables.stock.get(lectureId)?.remaining);
    parts.push(mysql.tables.stock.get(lectureId)?.capacity);
    parts.push(mysql.tables.stock.get(lectureId)?.terms.version);
  }
  parts.push(
    [...mysql.tables.rows().values()]
      .map(({ rid, status, reason }) => `${rid}${status}${reason}`)
      .sort(),
  );
  parts.push(sorted(mysql.tables.amendments), [...amends.accepted].sort());
  parts.push(zooKeeper.pending().sort());
  for (const { ready, consumers } of broker.queues) {
    parts.push(ready.map(nameOf));
    for (const { process, unsettled } of consumers)
      parts.push(process.name, [...unsettled.values()].map(nameOf));
  }
  parts.push(sorted(journal.told()), [...journal.cancelAccepted].sort());
  const underWay = kernel.operations.map(
    ({ process, what, detail, orphan }) =>
      `${roleOf(process.name)}${what}${JSON.stringify(detail)}${orphan}`,
  );
  parts.push(
    underWay.sort(),
    [...positions].map(([name, position]) => roleOf(name) + position).sort(),
  );
  return BigInt(Bun.hash(JSON.stringify(parts)));
}

function sorted(map: ReadonlyMap<string, unknown>): unknown[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The number of deliveries makes no difference below the limit, which no small world reaches. */
function nameOf({ rid, kind }: { rid: string; kind: string }): string {
  return `${kind} ${rid}`;
}
