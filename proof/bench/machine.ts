import { cpus, totalmem } from "node:os";

/** The measuring machine. */
export interface Machine {
  cpus: number;
  model: string;
  memoryGb: number;
  system: string;
}

export async function thisMachine(): Promise<Machine> {
  const release = await Bun.file("/etc/os-release").text();
  return {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? "",
    memoryGb: Math.round(totalmem() / 1_073_741_824),
    system: /PRETTY_NAME="([^"]+)"/.exec(release)?.[1] ?? "",
  };
}

/** The present day, as in `2026-01-31`. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
