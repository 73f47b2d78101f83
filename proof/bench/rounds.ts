import { median, rounded } from "./figures.ts";
import type { InTurn, Managed, SideBySide, Sides } from "./stage.ts";

/** The result of a stage's rounds: medians and the spread. */
export interface Rounds {
  oursPerS: number;
  barePerS: number;
  /** the median of the rounds' own ratios: both sides of a round met the same machine */
  ratio: number;
  lowest: number;
  highest: number;
}

/**
 * The time of a joint measurement, in seconds. A host that takes a core away for a moment takes it
 * from one side, and so spoils few rounds.
 */
const TOGETHER_SECONDS = 2;
const WARM_UP_SECONDS = 6;

export interface RoundsOptions {
  /** of alternating sides; joint measurements take as long in total, in more and shorter rounds */
  rounds: number;
  /** for each side of a round */
  seconds: number;
  onRound: (round: number, of: number) => void;
}

/**
 * Measures both sides at once, or alternately with a changing first side, so that a machine that
 * grows slower favours neither. The time before the first round does not count: it warms both.
 * Alternately it lasts as long as a round, since a JVM still compiles after a second.
 */
export async function measureRounds(sides: Sides, options: RoundsOptions): Promise<Rounds> {
  const { warmUps, count, measure } =
    "both" in sides ? roundsAtOnce(sides, options) : roundsInTurn(sides, options);
  const managed: Managed[] = [];
  const first = 1 - warmUps;
  for (let round = first; round <= count; round += 1) {
    options.onRound(round, count);
    if (round === first) await sides.warmUp?.();
    const measured = await measure(round);
    if (round >= 1) managed.push(measured);
  }
  const ratios = managed.map(({ ours, bare }) => ours / bare);
  return {
    oursPerS: Math.round(median(managed.map(({ ours }) => ours))),
    barePerS: Math.round(median(managed.map(({ bare }) => bare))),
    ratio: rounded(median(ratios), 2),
    lowest: rounded(Math.min(...ratios), 2),
    highest: rounded(Math.max(...ratios), 2),
  };
}

interface Plan {
  warmUps: number;
  count: number;
  measure(round: number): Promise<Managed>;
}

function roundsAtOnce(sides: SideBySide, { rounds, seconds }: RoundsOptions): Plan {
  return {
    warmUps: WARM_UP_SECONDS / TOGETHER_SECONDS,
    count: Math.ceil((rounds * 2 * seconds) / TOGETHER_SECONDS),
    measure: () => sides.both(TOGETHER_SECONDS),
  };
}

function roundsInTurn(sides: InTurn, { rounds, seconds }: RoundsOptions): Plan {
  return {
    warmUps: 1,
    count: rounds,
    async measure(round) {
      const order = round % 2 === 0 ? (["bare", "ours"] as const) : (["ours", "bare"] as const);
      const managed: Managed = { ours: 0, bare: 0 };
      for (const side of order) managed[side] = await sides[side](seconds);
      return managed;
    },
  };
}
