import type { Sides } from "./stage.ts";

/** What the rounds of one stage gave: medians, and how far the rounds lay apart. */
export interface Rounds {
  oursPerS: number;
  barePerS: number;
  /** the median of the rounds' own ratios: both sides of a round have met the same machine */
  ratio: number;
  lowest: number;
  highest: number;
}

/**
 * Measures both sides in turn, and which comes first in turn as well, so that a machine that grows slower favours neither. One round before
 * counts for nothing: it warms both, and takes as long as the others, since a JVM is still compiling after a second.
 */
export async function measureRounds(
  sides: Sides,
  { rounds, seconds, onRound }: { rounds: number; seconds: number; onRound: (round: number) => void },
): Promise<Rounds> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    onRound(round);
    const measured = await measureRound(sides, seconds, round);
    if (round === 0) continue;
    ours.push(measured.ours);
    bare.push(measured.bare);
  }
  const ratios = ours.map((rate, round) => rate / (bare[round] ?? 0));
  return {
    oursPerS: Math.round(median(ours)),
    barePerS: Math.round(median(bare)),
    ratio: hundredths(median(ratios)),
    lowest: hundredths(Math.min(...ratios)),
    highest: hundredths(Math.max(...ratios)),
  };
}

/** One round of both sides, in as many turns as its seconds have room for. */
async function measureRound(sides: Sides, seconds: number, round: number) {
  const turnSeconds = Math.min(seconds, sides.turnSeconds ?? seconds);
  const turns = Math.floor(seconds / turnSeconds);
  const measured = { ours: 0, bare: 0 };
  for (let turn = 0; turn < turns; turn += 1) {
    const order = (round + turn) % 2 === 0 ? (["bare", "ours"] as const) : (["ours", "bare"] as const);
    for (const side of order) measured[side] += (await sides[side](turnSeconds)) / turns;
  }
  return measured;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
