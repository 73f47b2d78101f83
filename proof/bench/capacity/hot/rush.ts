import type { LectureId } from "../../../../contract/ids.ts";
import { quantile, rounded } from "../../figures.ts";
import { type CpuUsed, metered } from "../../processes.ts";
import { readRow } from "../../read-row.ts";
import type { Bench } from "../bench.ts";
import { type Crowd, WAIT_S, withCrowd } from "../load/crowd.ts";

/** All students press for one lecture at once, each once. */
export interface Rush {
  students: number;
  seats: number;
  /** until the last answer */
  seconds: number;
  /** until the last confirmed seat */
  confirmedAfterSeconds: number;
  answers: Record<string, number>;
  confirmedMs: { p50: number; p99: number };
  refusedMs: { p50: number; p99: number };
  cpuMs: CpuUsed;
}

/** The whole path from click to decision, with the seats of one lecture or of many. */
export interface WholePath {
  onePerS: number;
  manyPerS: number;
}

const STUDENTS = 100_000;
const SEATS = 1_000;
const CLIENTS = 1_000;

/** A busy machine must not prolong the run: students who have not pressed by then do not press. */
const SECONDS_MAX = 60;
const MANY = 64;

export async function measureRush(bench: Bench): Promise<Rush> {
  bench.tell("one hot lecture: 100,000 students press");
  const lectures = [{ count: 1, seats: SEATS }];
  return await withCrowd(bench, { connections: CLIENTS, lectures }, async (crowd, lectureIds) => {
    const booking = crowd.booking(lectureIds, { waitS: WAIT_S });
    let left = STUDENTS;
    let confirmedAtMs = 0;
    const startedMs = performance.now();
    const watch = setInterval(async () => {
      if (confirmedAtMs > 0) return;
      const query = "SELECT remaining FROM stock WHERE lecture_id = ?";
      const { remaining } = await readRow<"remaining">(bench.clients.database, query, lectureIds);
      if (remaining === 0) confirmedAtMs ||= performance.now();
    }, 25);
    const { result: pressed, cpu } = await metered(bench.system, () =>
      crowd.closed(() => (left-- > 0 ? booking() : undefined), {
        clients: CLIENTS,
        seconds: SECONDS_MAX,
      }),
    );
    clearInterval(watch);
    const times = (ms: number[] = []) => ({
      p50: Math.round(quantile(ms, 0.5)),
      p99: Math.round(quantile(ms, 0.99)),
    });
    return {
      students: pressed.count,
      seats: SEATS,
      seconds: rounded(pressed.seconds, 1),
      confirmedAfterSeconds: rounded((confirmedAtMs - startedMs) / 1_000, 2),
      answers: pressed.answers,
      confirmedMs: times(pressed.timesMs["201 confirmed"]),
      refusedMs: times(pressed.timesMs["409 sold_out"]),
      cpuMs: cpu,
    };
  });
}

export async function measureWholePath(bench: Bench): Promise<WholePath> {
  bench.tell("one hot lecture: the whole way, with seats of one lecture and of many");
  const lectures = [1, MANY].map((count) => ({ count, seats: 1_000_000 }));
  return await withCrowd(bench, { connections: 256, lectures }, async (crowd, one, many) => {
    const rate = (lectureIds: LectureId[], seconds = 3) =>
      confirmedPerS(crowd, lectureIds, seconds);
    await rate(many, 4);
    // Both alternate, and the better round of each counts, so that a short load on the machine
    // favours neither.
    const rounds = [
      { one: await rate(one), many: await rate(many) },
      { many: await rate(many), one: await rate(one) },
    ];
    return {
      onePerS: Math.max(...rounds.map((round) => round.one)),
      manyPerS: Math.max(...rounds.map((round) => round.many)),
    };
  });
}

async function confirmedPerS(crowd: Crowd, lectureIds: LectureId[], seconds: number) {
  const booking = crowd.booking(lectureIds, { waitS: WAIT_S });
  const pressed = await crowd.closed(booking, { clients: 256, seconds });
  return Math.round((pressed.answers["201 confirmed"] ?? 0) / pressed.seconds);
}
