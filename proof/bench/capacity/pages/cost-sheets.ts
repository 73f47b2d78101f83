import { PART_TITLES, PARTS } from "../../processes.ts";
import type { RequestCost, RequestName } from "../cost/meter.ts";
import type { Results } from "../measurements.ts";
import { cpus, partColumns, type Sheet, sheetOf, short, type Text, whole } from "./sheet.ts";

type Cost = Results["cost"];

const REQUESTS: Record<RequestName, Text> = {
  confirmed: { en: "booked, answered 202, decided afterwards", zh: "预约，先答 202，随后裁决" },
  confirmedWaiting: { en: "booked, answered 201 with the decision", zh: "预约，等到裁决后答 201" },
  refusedByRedis: { en: "refused by Redis (already reserved)", zh: "被 Redis 拒绝（已预约）" },
  soldOutNewToken: {
    en: "sold out, from the edge's memory, new token",
    zh: "已满，由边缘内存答复，新令牌",
  },
  soldOutSeenToken: {
    en: "sold out, from the edge's memory, token seen",
    zh: "已满，由边缘内存答复，见过的令牌",
  },
  status: { en: "status of a reservation, decided", zh: "查询已裁决的预约" },
  availability: { en: "availability of a lecture", zh: "查询讲座余量" },
};

export function costSheets(cost: Cost): Sheet[] {
  return [cpuSheet(cost), processSheet(cost), redisBytes(cost), otherBytes(cost)];
}

function cpuSheet({ requests }: Cost): Sheet {
  return sheetOf<RequestCost>(
    { name: "cpu", title: { en: "CPU of one request, ms", zh: "每个请求的 CPU，毫秒" } },
    [
      [{ en: "request", zh: "请求" }, ({ request }) => REQUESTS[request]],
      ...partColumns<RequestCost>(PARTS, ({ cpuMs }, part) => short(cpuMs.parts[part])),
      [{ en: "sum", zh: "合计" }, ({ cpuMs }) => short(cpuMs.system)],
      [{ en: "a second", zh: "每秒" }, ({ perS }) => whole(perS)],
      [{ en: "CPUs, others", zh: "CPU，其他程序" }, ({ othersCpus }) => cpus(othersCpus)],
    ],
    requests,
  );
}

function processSheet({ idleMsPerS, rssMb }: Cost): Sheet {
  const idle = { en: "CPU with nothing to do, ms a second", zh: "空闲时的 CPU，毫秒/秒" };
  const memory = { en: "memory after the load, MB", zh: "负载之后的内存，MB" };
  return {
    name: "processes",
    title: { en: "the processes themselves", zh: "各进程自身" },
    head: ["", ...Object.values(PART_TITLES)],
    rows: [
      [idle, ...PARTS.map((part) => short(idleMsPerS[part]))],
      [memory, ...PARTS.map((part) => whole(rssMb[part]))],
    ],
  };
}

/** The head of the tables of bytes. */
const BYTES: Text[] = [
  { en: "what", zh: "内容" },
  { en: "bytes", zh: "字节" },
];

function redisBytes({ bytes, limiterKeys, written }: Cost): Sheet {
  const { redis } = bytes;
  const limiters = Object.entries(limiterKeys).map(([name, { keys, bytes: all }]) => [
    { en: `token bucket ${name}, while it is not full`, zh: `令牌桶 ${name}，未满时` },
    whole(all / keys),
  ]);
  return {
    name: "redis-bytes",
    title: { en: "bytes in Redis", zh: "Redis 中的字节数" },
    head: BYTES,
    rows: [
      [
        {
          en: "a held claim with its user's throttle, all included",
          zh: "持有中的占位及其用户的限频键，全部计入",
        },
        whole(redis.held),
      ],
      [
        { en: "of it the throttle key, for 10 s", zh: "其中限频键，保留 10 秒" },
        whole(redis.throttle),
      ],
      [
        { en: "a confirmed claim at rest, all included", zh: "静止后的已确认占位，全部计入" },
        whole(redis.confirmed),
      ],
      [
        { en: "the same in a lecture of 100 seats", zh: "同上，讲座只有 100 个座位" },
        whole(redis.confirmedOf100),
      ],
      [{ en: "a released rid", zh: "已释放的 rid" }, whole(redis.released)],
      ...limiters,
      [
        { en: "append-only file, for one booking", zh: "追加文件，每次预约" },
        whole(written.aofBytes),
      ],
    ],
  };
}

function otherBytes({ bytes, written }: Cost): Sheet {
  const { mysql, waiting } = bytes;
  return {
    name: "other-bytes",
    title: { en: "bytes in the other servers", zh: "其他服务器中的字节数" },
    head: BYTES,
    rows: [
      [{ en: "MySQL: a row in its primary key", zh: "MySQL：主键索引中的一行" }, whole(mysql.row)],
      [{ en: "MySQL: its two other indexes", zh: "MySQL：另外两个索引" }, whole(mysql.indexes)],
      [
        { en: "MySQL: redo log, for one booking", zh: "MySQL：重做日志，每次预约" },
        whole(written.redoBytes),
      ],
      [
        { en: "MySQL: syncs to disk, for one booking", zh: "MySQL：落盘次数，每次预约" },
        short(written.redoSyncs),
      ],
      [
        {
          en: "ZooKeeper: a pending node, path and data",
          zh: "ZooKeeper：一个待定节点，路径与数据",
        },
        whole(waiting.zooKeeper),
      ],
      [
        { en: "RabbitMQ: a waiting command, its body", zh: "RabbitMQ：等待中的命令，消息体" },
        whole(waiting.message),
      ],
      [{ en: "RabbitMQ: the same on disk", zh: "RabbitMQ：同上，磁盘" }, whole(waiting.rabbitDisk)],
      [
        { en: "RabbitMQ: what it adds to the memory", zh: "RabbitMQ：内存增量" },
        whole(waiting.rabbitMemory),
      ],
    ],
  };
}
