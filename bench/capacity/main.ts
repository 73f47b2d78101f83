import { type Interrupts, listenToInterrupts } from "../../stack/interrupts.ts";
import { keep, readKept } from "./kept.ts";
import type { Bench } from "./measurement.ts";
import { type MeasurementName, measurements, type Results } from "./measurements.ts";
import { type CapacityOptions, readCommandLine, usage } from "./options.ts";
import { writeGuide } from "./pages/guide.ts";
import { sheetsOf } from "./pages/sheets.ts";
import { terminalText } from "./pages/terminal.ts";
import { openClients } from "./system/clients.ts";
import { startCapacitySystem } from "./system/system.ts";

/* npm run capacity: exit codes 0 everything was measured, 2 it could not be. */
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`capacity: ${error instanceof Error ? error.message : error}`);
  return 2;
});

async function main(args: string[]): Promise<number> {
  const options = parse(args);
  if (options.tables) return await writeTables();
  const interrupts = listenToInterrupts();
  try {
    const measured = await measureAll(options.names, interrupts);
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    if (options.keep) await keepAll(measured);
    console.log(options.json ? JSON.stringify(measured, null, 2) : terminalText(sheetsOf(measured)));
    return 0;
  } finally {
    interrupts.close();
  }
}

/** The tables are written from what was written down, and from nothing more exact: so anybody can write them again. */
async function keepAll(measured: Partial<Results>): Promise<void> {
  await keep(measured);
  const kept = await readKept();
  if (kept) await writeGuide(kept);
}

async function writeTables(): Promise<number> {
  const kept = await readKept();
  if (!kept) throw new Error("no figures are kept yet: npm run capacity -- --keep");
  await writeGuide(kept);
  console.log(terminalText(sheetsOf(kept.results)));
  return 0;
}

async function measureAll(names: MeasurementName[], interrupts: Interrupts): Promise<Partial<Results>> {
  tell("starting the servers …");
  const system = await startCapacitySystem(interrupts);
  try {
    const clients = await openClients(system);
    try {
      const bench = { system, clients, tell };
      return await Promise.race([inTurn(names, bench), interrupted(interrupts.stop)]);
    } finally {
      await clients.close();
    }
  } finally {
    await system.stop();
  }
}

async function inTurn(names: MeasurementName[], bench: Bench): Promise<Partial<Results>> {
  const measured: Record<string, unknown> = {};
  for (const [at, name] of names.entries()) {
    const count = `${at + 1} of ${names.length}`;
    const tellOf = (line: string) => tell(`${count} ${line}`);
    measured[name] = await measurements[name].measure({ ...bench, tell: tellOf });
  }
  return measured as Partial<Results>;
}

/** Progress: on a terminal each line takes the place of the one before. */
function tell(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}

function interrupted(stop: AbortSignal): Promise<never> {
  return new Promise((_, reject) => stop.addEventListener("abort", () => reject(new Error("interrupted"))));
}

function parse(args: string[]): CapacityOptions {
  try {
    return readCommandLine(args);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
