import { PART_TITLES, PARTS } from "../../processes.ts";
import type { Hot } from "../hot/hot.ts";
import type { Rush } from "../hot/rush.ts";
import { type Sheet, sheetOf, short, type Text, textOf, whole } from "./sheet.ts";

export function hotSheets(hot: Hot): Sheet[] {
  return [limitsSheet(hot), rushSheet(hot)];
}

/** The tightest limit of one lecture, as a multiple of the machine's whole path. */
export function tightestText({ key, queue, row, worker, path }: Hot): Text {
  const limits: [string, number][] = [
    ["its keys in Redis", key.claimedOne.limitPerS],
    ["its queue", Math.min(queue.one.publishedPerS, queue.one.consumedPerS)],
    ["its row", row.one.perS],
    ["its one worker, all steps together", worker.onePerS],
  ];
  const [name, perS] = limits.reduce((least, limit) => (limit[1] < least[1] ? limit : least));
  const [limit, confirmed] = [whole(perS), whole(path.onePerS)];
  const times = short(perS / path.onePerS);
  return {
    en: `The tightest is **${name}: ${limit} reservations a second**, ${times} times the ${confirmed} that the whole way of this machine confirms with all its parts on these cores.`,
    zh: `最紧的是**${textOf(name, "zh")}：每秒 ${limit} 次预约**，是本机所有部分共用这些核时全程每秒确认 ${confirmed} 次的 ${times} 倍。`,
  };
}

/**
 * Each unique resource of one lecture, compared with many lectures and with the machine's whole
 * path.
 */
function limitsSheet({ key, queue, row, worker, path }: Hot): Sheet {
  const machine = Math.max(path.onePerS, path.manyPerS);
  const limits: [what: string, one: number, many: number][] = [
    [
      "its keys in Redis: claims, pressed over one connection",
      key.claimedOne.perS,
      key.claimedMany.perS,
    ],
    ["the same, by the CPU of one thread", key.claimedOne.limitPerS, key.claimedMany.limitPerS],
    [
      "its keys: sold-out answers, by the CPU of one thread",
      key.soldOutOne.limitPerS,
      key.soldOutMany.limitPerS,
    ],
    [
      "its queue: commands published and confirmed",
      queue.one.publishedPerS,
      queue.many.publishedPerS,
    ],
    ["its queue: commands consumed", queue.one.consumedPerS, queue.many.consumedPerS],
    ["its row: decisions written, batch after batch", row.one.perS, row.sideBySide.perS],
    ["its row, fought for by four connections", row.fightingForOne.perS, row.sideBySide.perS],
    ["its worker: consumed, decided, settled", worker.onePerS, worker.manyPerS],
    ["the whole way, click to decision", path.onePerS, path.manyPerS],
  ];
  return sheetOf(
    {
      name: "hot",
      title: "one lecture against many, a second",
    },
    [
      ["what there is one of", ([what]) => what],
      ["one lecture", ([, one]) => whole(one)],
      ["many", ([, , many]) => whole(many)],
      ["one, against the machine's whole way", ([, one]) => `${short(one / machine)} ×`],
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
    title: "everybody presses at once",
    head: ["", ""],
    rows: [
      ["students, seats", `${whole(students)} · ${whole(seats)}`],
      ["all seats confirmed after, s", short(rush.confirmedAfterSeconds)],
      ["everybody answered after, s", `${short(seconds)} (${whole(students / seconds)}/s)`],
      ["answers", answers.join(" · ")],
      ["confirmed: p50, p99, ms", times(confirmedMs)],
      ["refused: p50, p99, ms", times(refusedMs)],
      ["CPU, ms", cpu],
    ],
  };
}
