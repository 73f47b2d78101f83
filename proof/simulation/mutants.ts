import type { Edit, Mistakes, Mutant } from "./mutant.ts";
import { admissionMistakes } from "./mutants/admission.ts";
import { pendingMistakes } from "./mutants/pending.ts";
import { queueMistakes } from "./mutants/queue.ts";
import { workerMistakes } from "./mutants/worker.ts";

/** Each mutant must be killed by its seed in seeds.json. */
export const mutants: Mutant[] = [
  admissionMistakes,
  pendingMistakes,
  queueMistakes,
  workerMistakes,
].flatMap(mutantsOf);

function mutantsOf(mistakes: Mistakes): Mutant[] {
  return Object.entries(mistakes).flatMap(([file, ofFile]) =>
    Object.entries(ofFile).map(([name, edits]) => ({
      name,
      file,
      edits: isOne(edits) ? [edits] : edits,
    })),
  );
}

function isOne(edits: Edit | Edit[]): edits is Edit {
  return typeof edits[0] === "string";
}
