import { TRUE_FOR_MS } from "../../../edge/known-refusals.ts";
import type { Breach } from "../../audit/breach.ts";
import type { SignedInStudent } from "../../kit/edge-client.ts";
import { book, type ChaosRush } from "./take-part.ts";

/** Students who come although there is no seat for them. */
const TOO_MANY = 3;

/**
 * No seat is lost: students who have not pressed before take every seat that is left at rest, and the next ones are told sold_out. Gives
 * what breaks that.
 */
export async function fillUp(
  rush: ChaosRush,
  { seatsLeft, fresh, seed }: { seatsLeft: number; fresh: SignedInStudent[]; seed: number },
): Promise<Breach[]> {
  const wanted = seatsLeft + TOO_MANY;
  if (fresh.length < wanted)
    throw new Error(`${wanted} fresh students are needed, there are ${fresh.length}`);
  // A seat given back in the last moment may still be told sold_out from the edge's memory, and for no longer than this.
  await Bun.sleep(TRUE_FOR_MS);
  const answers = await Promise.all(
    fresh.slice(0, wanted).map((session, at) => {
      const key = `c${seed}f${at}-fresh`;
      return book(rush, { session, key, afterMs: 0, waits: true }, key, "press");
    }),
  );
  const got = (outcome: string) => answers.filter((answer) => answer.outcome === outcome).length;
  if (got("confirmed") === seatsLeft && got("sold_out") === TOO_MANY) return [];
  const told = [...new Set(answers.map(({ outcome }) => outcome))].map(
    (outcome) => `${got(outcome)} ${outcome}`,
  );
  return [
    {
      what: `${seatsLeft} seats were left, and ${wanted} fresh students were told ${told.join(", ")}`,
    },
  ];
}
