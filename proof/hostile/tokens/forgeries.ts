import { otherAlgorithms } from "./algorithms.ts";
import { oddCarriers } from "./carriers.ts";
import { alteredClaims } from "./claims.ts";
import type { Forger, Forgery } from "./forgery.ts";
import type { Genuine } from "./genuine.ts";
import { otherKeys } from "./keys.ts";
import { alteredSignatures } from "./signatures.ts";

const classes: Record<string, Forger> = {
  "another algorithm": otherAlgorithms,
  "another key": otherKeys,
  "another signature": alteredSignatures,
  "other claims": alteredClaims,
  "carried otherwise": oddCarriers,
};

/** Every attempt, named by its class and its kind. */
export function forgeriesOf(genuine: Genuine): Forgery[] {
  return Object.entries(classes).flatMap(([kind, forger]) =>
    forger(genuine).map(({ name, headers }) => ({ name: `${kind}: ${name}`, headers })),
  );
}
