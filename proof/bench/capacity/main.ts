import { HELD, type Running, runCommand, untilInterrupted } from "../../kit/command.ts";
import { keep, readKept } from "./kept.ts";
import type { Bench } from "./measurement.ts";
import { type MeasurementName, measurements, type Results } from "./measurements.ts";
import { readCommandLine, usage } from "./options.ts";
import { writeGuide } from "./pages/guide.ts";
import { sheetsOf } from "./pages/sheets.ts";
import { terminalText } from "./pages/terminal.ts";
import { openClients } from "./system/clients.ts";
import { startCapacitySystem } from "./system/system.ts";

await runCommand({
  name: "capacity",
  usage,
  read: readCommandLine,
  async run(options, running) {
    if (options.tables) return await writeTables();
    const measured = await measureAll(options.names, running);
    running.end();
    if (options.keep) await keepAll(measured);
    console.log(
      options.json ? JSON.stringify(measured, null, 2) : terminalText(sheetsOf(measured)),
    );
    return HELD;
  },
});

/** The tables use the written, rounded figures alone, so that they can be rewritten at any time. */
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
  return HELD;
}

async function measureAll(
  names: MeasurementName[],
  { interrupts, tell }: Running,
): Promise<Partial<Results>> {
  tell("starting the servers …");
  const system = await startCapacitySystem(interrupts);
  try {
    const clients = await openClients(system);
    try {
      return await untilInterrupted(inTurn(names, { system, clients, tell }), interrupts);
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
    const tellOf = (line: string) => bench.tell(`${count} ${line}`);
    measured[name] = await measurements[name].measure({ ...bench, tell: tellOf });
  }
  return measured as Partial<Results>;
}
