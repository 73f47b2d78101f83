import { PART_TITLES, PARTS } from "../../processes.ts";
import type { Hot } from "../hot/hot.ts";
import type { Rush } from "../hot/rush.ts";
import { type Sheet, sheetOf, short, type Text, whole } from "./sheet.ts";

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
  const limits: [what: Text, one: number, many: number][] = [
    [
      {
        en: "its keys in Redis: claims, pressed over one connection",
        zh: "它在 Redis 中的键：单连接施压的占位",
      },
      key.claimedOne.perS,
      key.claimedMany.perS,
    ],
    [
      { en: "the same, by the CPU of one thread", zh: "同上，按单线程 CPU 推算" },
      key.claimedOne.limitPerS,
      key.claimedMany.limitPerS,
    ],
    [
      {
        en: "its keys: sold-out answers, by the CPU of one thread",
        zh: "它的键：已满答复，按单线程 CPU 推算",
      },
      key.soldOutOne.limitPerS,
      key.soldOutMany.limitPerS,
    ],
    [
      { en: "its queue: commands published and confirmed", zh: "它的队列：发布并确认的命令" },
      queue.one.publishedPerS,
      queue.many.publishedPerS,
    ],
    [
      { en: "its queue: commands consumed", zh: "它的队列：消费的命令" },
      queue.one.consumedPerS,
      queue.many.consumedPerS,
    ],
    [
      { en: "its row: decisions written, batch after batch", zh: "它的行：逐批写入的裁决" },
      row.one.perS,
      row.sideBySide.perS,
    ],
    [
      { en: "its row, fought for by four connections", zh: "它的行：四个连接争用时" },
      row.fightingForOne.perS,
      row.sideBySide.perS,
    ],
    [
      { en: "its worker: consumed, decided, settled", zh: "它的 worker：消费、裁决、结算" },
      worker.onePerS,
      worker.manyPerS,
    ],
    [
      { en: "the whole way, click to decision", zh: "全程，从点击到裁决" },
      path.onePerS,
      path.manyPerS,
    ],
  ];
  return sheetOf(
    {
      name: "hot",
      title: { en: "one lecture against many, a second", zh: "一场讲座与多场讲座的对比，每秒" },
    },
    [
      [{ en: "what there is one of", zh: "只有一份的东西" }, ([what]) => what],
      [{ en: "one lecture", zh: "一场讲座" }, ([, one]) => whole(one)],
      [{ en: "many", zh: "多场" }, ([, , many]) => whole(many)],
      [
        { en: "one, against the machine's whole way", zh: "一场，相对于本机全程" },
        ([, one]) => `${short(one / machine)} ×`,
      ],
    ],
    limits,
  );
}

function rushSheet({ rush }: Hot): Sheet {
  const { students, seats, seconds, confirmedMs, refusedMs, cpuMs } = rush;
  const times = ({ p50, p99 }: Rush["confirmedMs"]) => `${whole(p50)} · ${whole(p99)}`;
  const answers = Object.entries(rush.answers).map(([name, count]) => `${name} ${whole(count)}`);
  const cpu = PARTS.map((part) => `${PART_TITLES[part]} ${whole(cpuMs.parts[part])}`).join(" · ");
  return {
    name: "rush",
    title: { en: "everybody presses at once", zh: "所有人同时点击" },
    head: ["", ""],
    rows: [
      [{ en: "students, seats", zh: "学生，座位" }, `${whole(students)} · ${whole(seats)}`],
      [
        { en: "all seats confirmed after, s", zh: "全部座位确认用时，秒" },
        short(rush.confirmedAfterSeconds),
      ],
      [
        { en: "everybody answered after, s", zh: "全部答复用时，秒" },
        `${short(seconds)} (${whole(students / seconds)}/s)`,
      ],
      [{ en: "answers", zh: "答复" }, answers.join(" · ")],
      [{ en: "confirmed: p50, p99, ms", zh: "确认：p50、p99，毫秒" }, times(confirmedMs)],
      [{ en: "refused: p50, p99, ms", zh: "拒绝：p50、p99，毫秒" }, times(refusedMs)],
      [{ en: "CPU, ms", zh: "CPU，毫秒" }, cpu],
    ],
  };
}
