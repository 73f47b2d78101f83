import type { Hot } from "../hot/hot.ts";
import { PARTS } from "../system/system.ts";
import { PART_TITLES } from "./part-names.ts";
import { type Cell, type Sheet, short, type Text, whole } from "./sheet.ts";

export function hotSheets(hot: Hot): Sheet[] {
  return [limitsSheet(hot), rushSheet(hot)];
}

/** The tightest limit of one lecture, as a multiple of the machine's whole path. */
export function tightestText({ key, queue, row, worker, path }: Hot): Text {
  const limits: [Text, number][] = [
    [{ en: "its keys in Redis", zh: "它在 Redis 中的键" }, key.claimedOne.limitPerS],
    [
      { en: "its queue", zh: "它的队列" },
      Math.min(queue.one.publishedPerS, queue.one.consumedPerS),
    ],
    [{ en: "its row", zh: "它的行" }, row.one.perS],
    [
      { en: "its one worker, all steps together", zh: "它唯一的 worker，所有步骤合计" },
      worker.onePerS,
    ],
  ];
  const [name, perS] = limits.reduce((least, limit) => (limit[1] < least[1] ? limit : least));
  const [limit, confirmed] = [whole(perS), whole(path.onePerS)];
  const times = short(perS / path.onePerS);
  return {
    en: `The tightest is **${name.en}: ${limit} reservations a second**, ${times} times the ${confirmed} that the whole way of this machine confirms with all its parts on these cores.`,
    zh: `最紧的是**${name.zh}：每秒 ${limit} 次预约**，是本机所有部分共用这些核时全程每秒确认 ${confirmed} 次的 ${times} 倍。`,
  };
}

/**
 * Each unique resource of one lecture, compared with many lectures and with the machine's whole
 * path.
 */
function limitsSheet({ key, queue, row, worker, path }: Hot): Sheet {
  const machine = Math.max(path.onePerS, path.manyPerS);
  const line = (what: Cell, one: number, many: number): Cell[] => [
    what,
    whole(one),
    whole(many),
    `${short(one / machine)} ×`,
  ];
  return {
    name: "hot",
    title: { en: "one lecture against many, a second", zh: "一场讲座与多场讲座的对比，每秒" },
    head: [
      { en: "what there is one of", zh: "只有一份的东西" },
      { en: "one lecture", zh: "一场讲座" },
      { en: "many", zh: "多场" },
      { en: "one, against the machine's whole way", zh: "一场，相对于本机全程" },
    ],
    rows: [
      line(
        {
          en: "its keys in Redis: claims, pressed over one connection",
          zh: "它在 Redis 中的键：单连接施压的占位",
        },
        key.claimedOne.perS,
        key.claimedMany.perS,
      ),
      line(
        { en: "the same, by the CPU of one thread", zh: "同上，按单线程 CPU 推算" },
        key.claimedOne.limitPerS,
        key.claimedMany.limitPerS,
      ),
      line(
        {
          en: "its keys: sold-out answers, by the CPU of one thread",
          zh: "它的键：已满答复，按单线程 CPU 推算",
        },
        key.soldOutOne.limitPerS,
        key.soldOutMany.limitPerS,
      ),
      line(
        { en: "its queue: commands published and confirmed", zh: "它的队列：发布并确认的命令" },
        queue.one.publishedPerS,
        queue.many.publishedPerS,
      ),
      line(
        { en: "its queue: commands consumed", zh: "它的队列：消费的命令" },
        queue.one.consumedPerS,
        queue.many.consumedPerS,
      ),
      line(
        { en: "its row: decisions written, batch after batch", zh: "它的行：逐批写入的裁决" },
        row.one.perS,
        row.sideBySide.perS,
      ),
      line(
        { en: "its row, fought for by four connections", zh: "它的行：四个连接争用时" },
        row.fightingForOne.perS,
        row.sideBySide.perS,
      ),
      line(
        { en: "its worker: consumed, decided, settled", zh: "它的 worker：消费、裁决、结算" },
        worker.onePerS,
        worker.manyPerS,
      ),
      line(
        { en: "the whole way, click to decision", zh: "全程，从点击到裁决" },
        path.onePerS,
        path.manyPerS,
      ),
    ],
  };
}

function rushSheet({ rush }: Hot): Sheet {
  const {
    students,
    seats,
    seconds,
    confirmedAfterSeconds,
    answers,
    confirmedMs,
    refusedMs,
    cpuMs,
  } = rush;
  const cpu = PARTS.map((part) => `${PART_TITLES[part]} ${whole(cpuMs.parts[part])}`).join(" · ");
  return {
    name: "rush",
    title: { en: "everybody presses at once", zh: "所有人同时点击" },
    head: ["", ""],
    rows: [
      [{ en: "students, seats", zh: "学生，座位" }, `${whole(students)} · ${whole(seats)}`],
      [
        { en: "all seats confirmed after, s", zh: "全部座位确认用时，秒" },
        short(confirmedAfterSeconds),
      ],
      [
        { en: "everybody answered after, s", zh: "全部答复用时，秒" },
        `${short(seconds)} (${whole(students / seconds)}/s)`,
      ],
      [
        { en: "answers", zh: "答复" },
        Object.entries(answers)
          .map(([name, count]) => `${name} ${whole(count)}`)
          .join(" · "),
      ],
      [
        { en: "confirmed: p50, p99, ms", zh: "确认：p50、p99，毫秒" },
        `${whole(confirmedMs.p50)} · ${whole(confirmedMs.p99)}`,
      ],
      [
        { en: "refused: p50, p99, ms", zh: "拒绝：p50、p99，毫秒" },
        `${whole(refusedMs.p50)} · ${whole(refusedMs.p99)}`,
      ],
      [{ en: "CPU, ms", zh: "CPU，毫秒" }, cpu],
    ],
  };
}
