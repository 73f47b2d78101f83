import { TRUE_FOR_MS } from "../../../edge/known-refusals.ts";
import type { Breach } from "../../audit/breach.ts";
import type { SignedInStudent } from "../../kit/edge-client.ts";
import { type ChaosRush, enter } from "./rush.ts";

/** The number of students beyond the free seats. */
const TOO_MANY = 3;

/**
 * Checks that no seat is lost: students who have not pressed yet take every free seat at rest, and
 * the next students hear `sold_out`. Returns the breaches.
 */
export async function fillUp(
  rush: ChaosRush,
  { seatsLeft, fresh, seed }: { seatsLeft: number; fresh: SignedInStudent[]; seed: number },
): Promise<Breach[]> {
  const wanted = seatsLeft + TOO_MANY;
  if (fresh.length < wanted)
    throw new Error(`${wanted} fresh students are needed, there are ${fresh.length}`);
  // The edge may answer `sold_out` from its memory for this long after the last returned seat.
  await Bun.sleep(TRUE_FOR_MS);
  const answers = await Promise.all(
    fresh.slice(0, wanted).map((session, at) => enter(rush, session).book(`c${seed}f${at}-fresh`)),
  );
  const got = (outcome: string) => answers.filter((answer) => answer.outcome === outcome).length;
  if (got("confirmed") === seatsLeft && got("sold_out") === TOO_MANY) return [];
  const outcomes = [...new Set(answers.map(({ outcome }) => outcome))];
  const told = outcomes.map((outcome) => `${got(outcome)} ${outcome}`).join(", ");
  return [{ what: `${seatsLeft} seats were left, and ${wanted} fresh students were told ${told}` }];
}
