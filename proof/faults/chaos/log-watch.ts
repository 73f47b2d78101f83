import { serviceNames } from "../system/links.ts";
import type { FaultSystem } from "../system/system.ts";

/** A runtime's text about an uncaught error. */
const UNCAUGHT = /unhandled|uncaught/i;

/**
 * Returns a function that searches the services' new log lines for uncaught errors since its last
 * call.
 */
export function watchLogs({ units }: FaultSystem): () => Promise<string[]> {
  const readTo = new Map<string, number>();

  async function newLines(path: string): Promise<string[]> {
    const log = Bun.file(path);
    if (!(await log.exists())) return [];
    const from = readTo.get(path) ?? 0;
    readTo.set(path, log.size);
    // A shorter log was rotated and starts again.
    const news = log.slice(log.size < from ? 0 : from, log.size);
    return (await news.text()).split("\n");
  }

  return async () => {
    const found = serviceNames.map(async (name) => {
      const uncaught = (await newLines(units[name].log)).filter((line) => UNCAUGHT.test(line));
      return uncaught.map((line) => `${name} wrote: ${line.slice(0, 300)}`);
    });
    return (await Promise.all(found)).flat();
  };
}
