import { verdictText } from "./breaches.ts";
import { type ChaosReport, type RunContext, runChaos } from "./chaos.ts";
import { flatnessTable, judgeFlatness, type Trend } from "./flatness.ts";
import { type Holdings, measureHoldings } from "./holdings.ts";
import type { ChaosOptions } from "./options.ts";

export interface SoakReport extends ChaosReport {
  samples: Holdings[];
  trends: Trend[];
}

/** Below this many samples a trend means nothing: pools and caches are still filling. */
const SAMPLES_MIN = 20;

/**
 * Runs schedules of faults that leave every process alive, and judges whether the processes'
 * holdings stay flat.
 */
export async function runSoak(context: RunContext, options: ChaosOptions): Promise<SoakReport> {
  const samples: Holdings[] = [];
  const chaos = await runChaos(context, options, async () => {
    samples.push(await measureHoldings(context.system));
  });
  const trends = judgeFlatness(samples);
  const growing = trends.filter(({ isFlat }) => !isFlat).map(({ name }) => name);
  context.say(`\n${flatnessTable(trends)}`);
  if (samples.length < SAMPLES_MIN) {
    context.say(`${samples.length} samples: too few to judge, ${SAMPLES_MIN} are needed`);
    return { ...chaos, samples, trends };
  }
  const isFlat = growing.length === 0;
  const verdict = isFlat ? "everything stays flat" : `growing: ${growing.join(", ")}`;
  context.say(`${samples.length} samples; ${verdictText(isFlat, verdict)}`);
  return { ...chaos, clean: chaos.clean && isFlat, samples, trends };
}
