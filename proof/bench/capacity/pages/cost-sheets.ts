import { PART_TITLES, PARTS } from "../../processes.ts";
import type { RequestCost, RequestName } from "../cost/meter.ts";
import type { Results } from "../measurements.ts";
import { cpus, partColumns, type Sheet, sheetOf, short, whole } from "./sheet.ts";

type Cost = Results["cost"];

const REQUESTS: Record<RequestName, string> = {
  confirmed: "booked, answered 202, decided afterwards",
  confirmedWaiting: "booked, answered 201 with the decision",
  refusedByRedis: "refused by Redis (already reserved)",
  soldOutNewToken: "sold out, from the edge's memory, new token",
  soldOutSeenToken: "sold out, from the edge's memory, token seen",
  status: "status of a reservation, decided",
  availability: "availability of a lecture",
};

export function costSheets(cost: Cost): Sheet[] {
  return [cpuSheet(cost), processSheet(cost), redisBytes(cost), otherBytes(cost)];
}

function cpuSheet({ requests }: Cost): Sheet {
  return sheetOf<RequestCost>(
    { name: "cpu", title: "CPU of one request, ms" },
    [
      ["request", ({ request }) => REQUESTS[request]],
      ...partColumns<RequestCost>(PARTS, ({ cpuMs }, part) => short(cpuMs.parts[part])),
      ["sum", ({ cpuMs }) => short(cpuMs.system)],
      ["a second", ({ perS }) => whole(perS)],
      ["CPUs, others", ({ othersCpus }) => cpus(othersCpus)],
    ],
    requests,
  );
}

function processSheet({ idleMsPerS, rssMb }: Cost): Sheet {
  return {
    name: "processes",
    title: "the processes themselves",
    head: ["", ...Object.values(PART_TITLES)],
    rows: [
      ["CPU with nothing to do, ms a second", ...PARTS.map((part) => short(idleMsPerS[part]))],
      ["memory after the load, MB", ...PARTS.map((part) => whole(rssMb[part]))],
    ],
  };
}

function redisBytes({ bytes, limiterKeys, written }: Cost): Sheet {
  const { redis } = bytes;
  const limiters = Object.entries(limiterKeys).map(([name, { keys, bytes: all }]) => [
    { en: `token bucket ${name}, while it is not full`, zh: `令牌桶 ${name}，未满时` },
    whole(all / keys),
  ]);
  return {
    name: "redis-bytes",
    title: "bytes in Redis",
    head: ["what", "bytes"],
    rows: [
      ["a held claim with its user's throttle, all included", whole(redis.held)],
      ["of it the throttle key, for 10 s", whole(redis.throttle)],
      ["a confirmed claim at rest, all included", whole(redis.confirmed)],
      ["the same in a lecture of 100 seats", whole(redis.confirmedOf100)],
      ["a released rid", whole(redis.released)],
      ...limiters,
      ["append-only file, for one booking", whole(written.aofBytes)],
    ],
  };
}

function otherBytes({ bytes, written }: Cost): Sheet {
  const { mysql, waiting } = bytes;
  return {
    name: "other-bytes",
    title: "bytes in the other servers",
    head: ["what", "bytes"],
    rows: [
      ["MySQL: a row in its primary key", whole(mysql.row)],
      ["MySQL: its two other indexes", whole(mysql.indexes)],
      ["MySQL: redo log, for one booking", whole(written.redoBytes)],
      ["MySQL: syncs to disk, for one booking", short(written.redoSyncs)],
      ["ZooKeeper: a pending node, path and data", whole(waiting.zooKeeper)],
      ["RabbitMQ: a waiting command, its body", whole(waiting.message)],
      ["RabbitMQ: the same on disk", whole(waiting.rabbitDisk)],
      ["RabbitMQ: what it adds to the memory", whole(waiting.rabbitMemory)],
    ],
  };
}
