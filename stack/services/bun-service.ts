import { type PartName, ROOT } from "../layout.ts";
import type { Part } from "../part.ts";
import type { Plan } from "../plan.ts";

/**
 * A part that is a Bun program of this tree. It gets the operator's environment, with `settings` on
 * top.
 */
export function bunService(
  what: Pick<Part, "needs" | "after" | "probe" | "stopWithinMs"> & {
    name: PartName;
    entry: string;
    settings(plan: Plan): Record<string, string>;
  },
): Part {
  return {
    name: what.name,
    ports: [what.name],
    needs: what.needs,
    ...(what.after && { after: what.after }),
    prepare: (plan) => ({
      command: [process.execPath, what.entry],
      env: { ...plan.inherited, ...what.settings(plan) },
      cwd: ROOT,
    }),
    probe: what.probe,
    stopWithinMs: what.stopWithinMs,
  };
}
