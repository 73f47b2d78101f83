import { availableParallelism } from "node:os";
import { join } from "node:path";
import { linesOf } from "../kit/lines.ts";
import type { Walked, WalkOptions } from "./walk.ts";

export interface WalkersOptions extends Omit<WalkOptions, "stride"> {
  plant?: string;
  /** processes side by side; by default one per processor */
  walkers?: number;
}

/**
 * Walks in separate processes, each with its share of the seeds. All end when one finds a breach.
 */
export async function walkTogether(options: WalkersOptions): Promise<Walked> {
  const { seed, steps, limitMs, plant, walkers = availableParallelism(), onProgress } = options;
  const parts: Walked[] = Array.from({ length: walkers }, () => ({ worlds: 0, steps: 0 }));
  const children = parts.map((_, at) => {
    const args = ["--walk", "--seed", `${seed + at}`, "--stride", `${walkers}`];
    if (Number.isFinite(steps)) args.push("--steps", `${Math.ceil(steps / walkers)}`);
    if (Number.isFinite(limitMs)) args.push("--minutes", `${Math.ceil(limitMs / 60_000)}`);
    if (plant !== undefined) args.push("--plant", plant);
    return Bun.spawn([process.execPath, join(import.meta.dir, "main.ts"), ...args], {
      stdout: "pipe",
      stderr: "inherit",
    });
  });
  try {
    await Promise.all(
      children.map(async (child, at) => {
        for await (const line of linesOf(child.stdout)) {
          parts[at] = JSON.parse(line) as Walked;
          onProgress?.(sumOf(parts));
          if (parts[at].breach) for (const other of children) if (other !== child) other.kill();
        }
        const code = await child.exited;
        if (code !== 0 && !parts.some(({ breach }) => breach))
          throw new Error(`a walk ended with code ${code}`);
      }),
    );
  } finally {
    for (const child of children) child.kill();
    await Promise.all(children.map((child) => child.exited));
  }
  return sumOf(parts);
}

function sumOf(parts: Walked[]): Walked {
  const breach = parts.find((part) => part.breach)?.breach;
  return {
    worlds: parts.reduce((sum, { worlds }) => sum + worlds, 0),
    steps: parts.reduce((sum, { steps }) => sum + steps, 0),
    ...(breach && { breach }),
  };
}
